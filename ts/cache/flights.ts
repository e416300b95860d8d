/** The work under way in a cache: at most one for a key, and what was dropped since it began is known of each. */
import { Flight } from './flight.js'
import { matcher } from './patterns.js'

export class Flights<T> {
  readonly #flights = new Map<string, Flight<T>>()

  /** What is under way for a key, if its result still counts. */
  get(key: string): Flight<T> | undefined {
    const flight = this.#flights.get(key)
    return flight?.isCurrent === true ? flight : undefined
  }

  /** Starts work for a key. */
  start(key: string, tags: Set<string> | undefined, work: (flight: Flight<T>) => Promise<T>): Flight<T> {
    const flight = new Flight<T>(key, tags, started => {
      // The work itself may drop its key.
      this.#flights.set(key, started)
      return work(started)
    })
    const end = (): void => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key)
    }
    // Whoever waits hears of a failure; it is no failure of the process if nobody does.
    flight.result.then(end, end)
    return flight
  }

  /** What is under way for a key is out of date. */
  overtakeKey(key: string): void {
    const flight = this.#flights.get(key)
    if (flight !== undefined) this.#overtake(flight)
  }

  /** So is what has one of these tags, or may have. */
  overtakeTagged(tags: readonly string[]): void {
    for (const flight of this.#flights.values()) {
      const own = flight.tags
      if (own === undefined || tags.some(tag => own.has(tag))) this.#overtake(flight)
    }
  }

  /** So is what has a key that matches. */
  overtakeMatching(pattern: string): void {
    const matches = matcher(pattern)
    for (const flight of this.#flights.values()) if (matches(flight.key)) this.#overtake(flight)
  }

  /** So is everything. */
  overtakeAll(): void {
    for (const flight of this.#flights.values()) this.#overtake(flight)
  }

  #overtake(flight: Flight<T>): void {
    flight.isCurrent = false
    this.#flights.delete(flight.key)
  }
}
