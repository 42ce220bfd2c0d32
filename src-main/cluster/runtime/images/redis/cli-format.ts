/** Replies as redis-cli prints them: for a person, for a pipe, as CSV and as JSON. */
import { quoted } from './clients.js'
import { Failure, Simple, type Reply } from './resp.js'

/** A reply as redis-cli prints it for a person. */
export function formatted(reply: Reply, indent = ''): string {
  if (reply === null) return '(nil)\n'
  if (typeof reply === 'number') return `(integer) ${reply}\n`
  if (reply instanceof Simple) return `${reply.text}\n`
  if (reply instanceof Failure) return `(error) ${reply.text}\n`
  if (typeof reply === 'string') return `${quoted(reply)}\n`
  if (reply.length === 0) return '(empty array)\n'
  const width = String(reply.length).length
  return reply
    .map((item, i) => `${i === 0 ? '' : indent}${String(i + 1).padStart(width)}) ${formatted(item, `${indent}${' '.repeat(width + 2)}`)}`)
    .join('')
}

/** As for a pipe: bare texts, one a line. */
export function raw(reply: Reply): string {
  if (reply === null) return '\n'
  if (reply instanceof Failure) return `${reply.text}\n\n`
  if (reply instanceof Simple) return `${reply.text}\n`
  if (typeof reply === 'object') return reply.length === 0 ? '\n' : reply.map(raw).join('')
  return `${reply}\n`
}

/** As --csv has it, without the line's end. */
export function csv(reply: Reply): string {
  if (reply === null) return 'NULL'
  if (typeof reply === 'number') return String(reply)
  if (reply instanceof Failure) return `ERROR,${quoted(reply.text)}`
  if (reply instanceof Simple) return quoted(reply.text)
  return typeof reply === 'string' ? quoted(reply) : reply.map(csv).join(',')
}

/** As --json has it, without the line's end. */
export function json(reply: Reply): string {
  if (reply instanceof Failure) return `error:${JSON.stringify(reply.text)}`
  if (reply instanceof Simple) return JSON.stringify(reply.text)
  return reply !== null && typeof reply === 'object' ? `[${reply.map(json).join(',')}]` : JSON.stringify(reply)
}

/** Bytes as --stat shows them. */
export function humanBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`
  const unit = bytes < 1024 ** 2 ? 1 : bytes < 1024 ** 3 ? 2 : 3
  return `${(bytes / 1024 ** unit).toFixed(2)}${'BKMG'[unit]}`
}
