// How good a ranking is, by grades of relevance. `grades` maps what is relevant to a grade from 1 on; a `ranking` is an array
// without duplicates, best first.

/**
 * nDCG: the discounted cumulative gain of the first `depth`, divided by that of the best ranking there could be. A result of
 * grade g gains 2^g - 1, divided by log2(rank + 1). Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR
 * techniques", TOIS 20(4), 2002; the exponential gain is that of Burges et al., "Learning to rank using gradient descent",
 * ICML 2005.
 *
 * @param {readonly string[]} ranking
 * @param {ReadonlyMap<string, number>} grades
 */
export function ndcg(ranking, grades, depth = 10) {
  const best = [...grades.values()].toSorted((a, b) => b - a)
  const gained = ranking.map(result => grades.get(result) ?? 0)
  const most = cumulated(best, depth)
  return most === 0 ? 0 : cumulated(gained, depth) / most
}

function cumulated(grades, depth) {
  return grades
    .slice(0, depth)
    .reduce((sum, grade, place) => sum + (2 ** grade - 1) / Math.log2(place + 2), 0)
}

/**
 * The reciprocal rank: 1 divided by the rank of the first relevant result among the first `depth`, else 0.
 *
 * @param {readonly string[]} ranking
 * @param {ReadonlyMap<string, number>} grades
 */
export function reciprocalRank(ranking, grades, depth = 10) {
  const place = ranking.slice(0, depth).findIndex(result => grades.has(result))
  return place === -1 ? 0 : 1 / (place + 1)
}

/**
 * Recall: the share of all that is relevant which is among the first `depth`.
 *
 * @param {readonly string[]} ranking
 * @param {ReadonlyMap<string, number>} grades
 */
export function recall(ranking, grades, depth = 50) {
  if (grades.size === 0) return 0
  return ranking.slice(0, depth).filter(result => grades.has(result)).length / grades.size
}
