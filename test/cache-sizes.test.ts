import test from 'ava'
import { Child } from './support/child.js'
import type { Weighed } from './support/heap.js'

test('a cache counts what its entries take of the heap, to within 10 %', async t => {
  const child = new Child<Weighed>('heap.js', [])
  let shapes = 0
  for await (const { shape, counted, measured } of child.lines) {
    shapes += 1
    const share = counted / measured
    t.true(share > 0.9 && share < 1.1, `${shape}: ${counted} counted, ${measured} measured`)
  }
  t.is(await child.ended, 0)
  t.is(shapes, 20)
})
