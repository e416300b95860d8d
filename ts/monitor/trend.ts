/** The slope of what is read at intervals: a least-squares line through the readings of the last while. */
export class Trend {
  readonly #span: number
  readonly #readings: { readonly at: number; readonly value: number }[] = []

  /** `span`: milliseconds that it looks back. */
  constructor(span: number) {
    this.#span = span
  }

  add(at: number, value: number): void {
    this.#readings.push({ at, value })
    while ((this.#readings[0]?.at ?? at) < at - this.#span) this.#readings.shift()
  }

  /** How much the value rises in a millisecond; `undefined` until the readings cover half of the span. */
  slope(): number | undefined {
    const readings = this.#readings
    const first = readings[0]?.at ?? 0
    const count = readings.length
    if (count < 2 || (readings[count - 1]?.at ?? 0) - first < this.#span / 2) return undefined
    const meanAt = mean(readings.map(({ at }) => at))
    const meanValue = mean(readings.map(({ value }) => value))
    let both = 0
    let square = 0
    for (const { at, value } of readings) {
      both += (at - meanAt) * (value - meanValue)
      square += (at - meanAt) ** 2
    }
    return both / square
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
