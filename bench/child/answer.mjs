// Holds an index open and answers queries sent by the parent: each `{ patterns, options, as }` gives `{ milliseconds, rows }`.
//   columns: every batch is taken, nothing is decoded
//   objects: path, line and text of every match are read, as strings and numbers
//   count:   only the totals cross
import process from 'node:process'
import { open } from 'quern'

const { root, options } = JSON.parse(process.argv[2])
const index = await open(root, options)

const TAKEN = {
  columns: async matches => {
    let rows = 0
    for await (const batch of matches.batches()) rows += batch.length
    return rows
  },
  objects: async matches => {
    let rows = 0
    let sum = 0
    for await (const { path, line, text } of matches) {
      sum += path.length + line + text.length
      rows += 1
    }
    return sum >= 0 ? rows : 0
  },
  count: async matches => (await matches.count()).lines,
}

process.on('message', async ({ patterns, options: grepOptions, as }) => {
  try {
    const start = performance.now()
    const rows = await TAKEN[as](index.grep(patterns, grepOptions))
    process.send({ milliseconds: performance.now() - start, rows })
  } catch (error) {
    process.send({ error: String(error) })
  }
})
process.on('disconnect', () => index.close())
process.send({ ready: true })
