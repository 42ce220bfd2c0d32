/** jq's `@format`s. */
import { format, formatNumber, typeOf, type Json } from './json.js'
import { excerpt, JqError } from './paths.js'

const HTML: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', "'": '&#39;', '"': '&quot;' }

function row(name: string, value: Json, cell: (v: Json) => string, separator: string): string {
  if (!Array.isArray(value)) throw new JqError(`${typeOf(value)} (${excerpt(value)}) cannot be ${name}-formatted, only an array can be`)
  return value.map(cell).join(separator)
}

function scalar(name: string, value: Json, text: (s: string) => string): string {
  if (typeof value === 'string') return text(value)
  if (typeof value === 'number') return formatNumber(value)
  if (typeof value === 'boolean') return String(value)
  if (value === null) return name === 'sh' ? 'null' : ''
  throw new JqError(
    `${typeOf(value)} (${excerpt(value)}) ${name === 'sh' ? 'can not be escaped for shell' : `is not valid in a ${name} row`}`,
  )
}

/** The text of a value in a format, with its `@`. Throws {@link JqError}. */
export function applyFormat(name: string, value: Json): string {
  const text = typeof value === 'string' ? value : name === '@csv' || name === '@tsv' || name === '@sh' ? '' : format(value)
  switch (name) {
    case '@text':
      return text
    case '@json':
      return format(value)
    case '@html':
      return text.replace(/[<>&'"]/g, (c) => HTML[c]!)
    case '@uri':
      return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    case '@csv':
      return row('csv', value, (v) => scalar('csv', v, (s) => `"${s.replaceAll('"', '""')}"`), ',')
    case '@tsv':
      return row(
        'tsv',
        value,
        (v) => scalar('tsv', v, (s) => s.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r')),
        '\t',
      )
    case '@sh':
      return (Array.isArray(value) ? value : [value]).map((v) => scalar('sh', v, (s) => `'${s.replaceAll("'", "'\\''")}'`)).join(' ')
    case '@base64':
      return Buffer.from(text).toString('base64')
    case '@base64d': {
      const decoded = Buffer.from(text.replace(/=+$/, ''), 'base64')
      if ((decoded.length === 0 && text !== '') || /[^A-Za-z\d+/=\s]/.test(text))
        throw new JqError(`${typeOf(value)} (${excerpt(value)}) is not valid base64 data`)
      return decoded.toString('utf8')
    }
    default:
      throw new JqError(`${name.slice(1)} is not a valid format`)
  }
}
