// Builds a store in a fresh process: argv[2] is `{ root, options }`; prints what it cost. The store's folder must be empty.
import process from 'node:process'
import { open } from 'quern'

const { root, options } = JSON.parse(process.argv[2])
const cpuBefore = process.cpuUsage()
const residentBefore = process.memoryUsage.rss()
const start = performance.now()
const index = await open(root, options)
const wall = performance.now() - start
const cpu = process.cpuUsage(cpuBefore)
const stats = index.stats()
const peakMB = process.resourceUsage().maxRSS / 1024
await index.close()
const figures = {
  wall,
  cpu: (cpu.user + cpu.system) / 1000,
  peakMB,
  addedMB: peakMB - residentBefore / 2 ** 20,
}
process.stdout.write(JSON.stringify({ figures, stats }))
