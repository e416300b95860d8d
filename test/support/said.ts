/** What a file is to the index: a text that was given, `null` for what is on disk, or not there. */
export type Texts = Record<string, string | null | undefined>

/** One line of output. */
export interface Said {
  /** What is about to happen: a change in memory, or all that was changed is made durable. */
  readonly begin?: 'change' | 'durable'
  /** The files that change, where `'gone'` stands for a removal. */
  readonly files?: Readonly<Record<string, string | null>>
  /** What was begun has been acknowledged. */
  readonly done?: true
}

export const FILES = 8
export const GONE = 'gone'
