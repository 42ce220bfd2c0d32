/** How large an object may be: as much as etcd takes with one request, `--max-request-bytes`. */

/** Bytes. */
export const LARGEST_OBJECT = 1.5 * 1024 * 1024

/** What a value takes about in etcd, in bytes: less than as JSON, which escapes much of a text. */
export function storedSize(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value) + 2
  if (typeof value !== 'object' || value === null) return 4
  let size = 2
  if (Array.isArray(value)) for (const element of value) size += storedSize(element)
  else for (const [name, field] of Object.entries(value)) size += Buffer.byteLength(name) + 2 + storedSize(field)
  return size
}
