// Asks an index the queries of a collection, as they are, and judges its answers.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from 'quern'
import { collection, layOut } from './collections.mjs'
import { ndcg, recall, reciprocalRank } from './metrics.mjs'
import { split } from './sampling.mjs'

/** Passages that are asked for: more than 50 files have them. */
const PASSAGES = 300

export const METRICS = {
  'nDCG@10': ndcg,
  'MRR@10': reciprocalRank,
  'recall@50': recall,
}

/**
 * Every query of a collection with what came of it. Each corpus is halved by itself, so that both halves have as many of its
 * queries.
 *
 * @returns {Promise<{ corpus: string, kind?: string, half: 'tuned' | 'held out', query: string, metrics: Record<string, number>,
 *   best: string[] }[]>}
 */
export async function evaluate(name) {
  const judged = []
  for (const corpus of collection(name)) {
    const { tuned, heldOut } = split(corpus.queries)
    await withIndex(corpus, async index => {
      for (const query of tuned) judged.push({ half: 'tuned', ...(await judge(index, corpus, query)) })
      for (const query of heldOut) judged.push({ half: 'held out', ...(await judge(index, corpus, query)) })
    })
  }
  return judged
}

async function withIndex(corpus, use) {
  const scratch = mkdtempSync(join(tmpdir(), 'quern-relevance-'))
  try {
    const root = join(scratch, corpus.name)
    mkdirSync(root)
    layOut(corpus, root)
    const index = await open(root, { store: join(scratch, 'store') })
    try {
      await index.ready('terms')
      await use(index)
    } finally {
      await index.close()
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

async function judge(index, corpus, { text, kind, grades }) {
  const { hits } = await index.search(text, { limit: PASSAGES })
  const ranking = [...new Set(hits.map(hit => hit.path))]
  const metrics = Object.entries(METRICS).map(([name, metric]) => [name, metric(ranking, grades)])
  return {
    corpus: corpus.name,
    kind,
    query: text,
    metrics: Object.fromEntries(metrics),
    best: ranking.slice(0, 10),
  }
}
