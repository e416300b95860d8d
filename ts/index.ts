/** Quern: exact, complete, instant search over any folder. */
export type { AnswersOption } from './engine/answers.js'
export type { Applied, Change } from './engine/changes.js'
export type { Size } from './checks.js'
export type { Coverage, Freshness, Skipped, WatchCoverage } from './engine/coverage.js'
export type { Advice, Explanation, PlanStep, SearchPhases } from './engine/explain.js'
export type {
  Facet,
  FacetOptions,
  FacetRequests,
  Facets,
  FacetValue,
  FolderFacetOptions,
  TimeFacetOptions,
} from './engine/facets.js'
export { type FollowedLine, Follower, type FollowOptions } from './engine/follow.js'
export type { GrepOptions, PatternOptions, SearchOptions } from './engine/grep-options.js'
export { type CheckOptions, Index } from './engine/handle.js'
export { type Markable, marked, type MarkOptions } from './engine/markup.js'
export { Match, type Range } from './engine/match.js'
export { type Count, Matches, type MatchingFile } from './engine/matches.js'
export { open, type OpenOptions } from './engine/open.js'
export { Opening } from './engine/opening.js'
export type { Pattern } from './engine/patterns.js'
export type { Progress } from './engine/progress.js'
export type {
  FacetsAnswer,
  FacetsOptions,
  Gap,
  Hit,
  Level,
  QueryNote,
  RankedAnswer,
  RankedCoverage,
  RankedOptions,
  Snippet,
  UsedMode,
} from './engine/search.js'
export type { BuildStats, CheckReport, IndexStats } from './engine/stats.js'
export { addStatistics, type LeafWord, type RankedStatistics } from './engine/statistics.js'
export type { Suggestion, SuggestionKind, Suggestions, SuggestOptions } from './engine/suggest.js'
export type { FileChoice, WalkOptions } from './engine/walk-options.js'
export {
  type AppliedEvent,
  type FailedEvent,
  type PollingEvent,
  type RescannedEvent,
  Watcher,
  type WatchEvent,
  type WatchOptions,
} from './engine/watcher.js'
export {
  type ErrorCode,
  type ErrorEntry,
  type ErrorPlace,
  ERRORS,
  type Failure,
  QuernError,
} from './errors.js'
export { Batch, type RowKind } from './native/batch.js'
export type { CallOptions } from './native/call.js'
export { type Asked, type Operation, type OperationKind, OPERATIONS } from './operations.js'
