/** Lists and maps of devices and claims: nothing in them is looked at when they are too long. */
import { field, type FieldError } from '../../errors.js'
import { entries, type SentMap } from './sent.js'

/** Checks each element of a list that has no more of them than `most`; tells whether they were looked at. */
export function checkList<T>(
  list: readonly T[],
  most: number,
  path: string,
  errors: FieldError[],
  check: (element: T, path: string) => void,
): boolean {
  if (list.length > most) {
    errors.push(field.tooMany(path, list.length, most))
    return false
  }
  list.forEach((e, i) => check(e, `${path}[${i}]`))
  return true
}

/** Checks a list in which no two elements have the same key. */
export function checkSet<T>(
  list: readonly T[],
  most: number,
  key: (element: T) => string,
  path: string,
  errors: FieldError[],
  check: (element: T, path: string) => void,
): void {
  if (!checkList(list, most, path, errors, check)) return
  const seen = new Set<string>()
  list.forEach((e, i) => {
    const name = key(e)
    if (seen.has(name)) errors.push(field.duplicate(`${path}[${i}]`, name))
    seen.add(name)
  })
}

/** Checks the keys of a map, at its own path, and its values, at theirs. */
export function checkMap<V>(
  map: SentMap<V>,
  most: number,
  path: string,
  errors: FieldError[],
  checkKey: (key: string, path: string) => void,
  checkValue: (value: V, path: string) => void,
): void {
  const all = entries(map)
  if (all.length > most) {
    errors.push(field.tooMany(path, all.length, most))
    return
  }
  for (const [key, value] of all) {
    checkKey(key, path)
    checkValue(value, `${path}[${key}]`)
  }
}
