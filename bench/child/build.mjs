// Builds a store in a fresh process: argv[2] is `{ root, options }`; prints what it cost. The store's folder must be empty.
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { open } from 'quern'

const { root, options } = JSON.parse(process.argv[2])
const SAMPLE_MS = 20

/** MB that the process has and shares with no file; NaN where the system does not tell. */
function anonymous() {
  try {
    return Number(/RssAnon:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024
  } catch {
    return Number.NaN
  }
}

const anonymousBefore = anonymous()
let mostAnonymous = anonymousBefore
const sampling = setInterval(() => {
  mostAnonymous = Math.max(mostAnonymous, anonymous())
}, SAMPLE_MS)
const cpuBefore = process.cpuUsage()
const residentBefore = process.memoryUsage.rss()
const start = performance.now()
const index = await open(root, options)
const wall = performance.now() - start
clearInterval(sampling)
const cpu = process.cpuUsage(cpuBefore)
const stats = index.stats()
const peakMB = process.resourceUsage().maxRSS / 1024
await index.close()
const figures = {
  wall,
  cpu: (cpu.user + cpu.system) / 1000,
  peakMB,
  addedMB: peakMB - residentBefore / 2 ** 20,
  anonymousMB: mostAnonymous - anonymousBefore,
}
process.stdout.write(JSON.stringify({ figures, stats }))
