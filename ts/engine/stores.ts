/** The stores in the user's cache folder. */
import { resolve, sep } from 'node:path'
import { addon, type NativeStore } from '../native/addon.js'
import { caught } from '../native/call.js'

/** A store: its folder, the folder that it indexes, its size, and when it was last used in milliseconds since 1970. */
export type Store = Readonly<NativeStore>

/** All stores in the cache folder, the last used first. */
export function listStores(): Store[] {
  return caught(() => addon().storeList())
}

/** Removes the stores used longest ago until the rest fits `cap` bytes; gives those removed. */
export function pruneStores(cap: number): Store[] {
  return caught(() => addon().storePrune(cap))
}

/** Removes one store. */
export function removeStore(folder: string): void {
  caught(() => {
    addon().storeRemove(folder)
  })
}

/** The store whose root holds a path, the innermost one if several do. */
export function storeAround(path: string): Store | undefined {
  const inner = resolve(path) + sep
  const holding = listStores().filter(
    ({ root = '' }) => root !== '' && inner.startsWith(root.endsWith(sep) ? root : root + sep),
  )
  return holding.toSorted((a, b) => (b.root ?? '').length - (a.root ?? '').length)[0]
}

/** Where the store of a folder is unless another place is asked for. */
export function defaultStore(root: string): string {
  return caught(() => addon().storeOf(resolve(root)))
}
