export default {
  files: ['dist/test/**/*.test.js'],
  timeout: '5m',
  // Each test file opens stores of its own; the addon's pools are per process.
  workerThreads: false,
}
