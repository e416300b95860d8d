/** Programs of this folder, run as processes of their own that talk in lines of JSON. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export class Child<Line> {
  readonly process: ChildProcess
  /** What it prints, line by line. Ends with the process. */
  readonly lines: AsyncIterable<Line>
  /** Resolves when it has ended, to its status or the signal that ended it. */
  readonly ended: Promise<number | string | null>

  constructor(program: string, args: readonly (string | number)[]) {
    const path = fileURLToPath(new URL(program, import.meta.url))
    const child = spawn(process.execPath, [path, ...args.map(String)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.process = child
    this.ended = new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (status, signal) => {
        resolve(signal ?? status)
      })
    })
    this.lines = parsed(createInterface({ input: child.stdout }))
  }
}

async function* parsed<Line>(lines: AsyncIterable<string>): AsyncGenerator<Line> {
  for await (const line of lines) yield JSON.parse(line) as Line
}
