/** What the data of ConfigMaps and Secrets have in common. */

/** How much an object may hold, in bytes. */
export const LARGEST_DATA = 1024 * 1024

export const IMMUTABLE_SET = 'field is immutable when `immutable` is set'

/** How many bytes a base64 text stands for. */
export function base64Length(text: string | null | undefined): number {
  if (!text) return 0
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  return Math.max(0, Math.floor((text.length * 3) / 4) - padding)
}

/** Why bytes are no JSON object, as the API server words it; undefined when they are one. */
export function jsonObjectProblem(base64: string): string | undefined {
  return jsonProblem(Buffer.from(base64, 'base64').toString(), 'object', 'map[string]interface {}')
}

/** Why a text is no JSON of a shape, as the API server words it; undefined when it is. `type` is what it is read into. */
export function jsonProblem(text: string, shape: 'object' | 'array', type: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (value === null) return undefined
    const is = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
    return is === shape ? undefined : `json: cannot unmarshal ${is} into Go value of type ${type}`
  } catch {
    return syntaxProblem(text)
  }
}

/** Finds the first character that no JSON can have there, for the beginnings that people send. */
function syntaxProblem(text: string): string {
  const trimmed = text.trimStart()
  if (trimmed === '') return 'unexpected end of JSON input'
  for (const literal of ['null', 'true', 'false']) {
    if (trimmed[0] !== literal[0]) continue
    for (let i = 1; i < literal.length; i++) {
      if (i >= trimmed.length) return 'unexpected end of JSON input'
      if (trimmed[i] !== literal[i]) return `invalid character '${trimmed[i]}' in literal ${literal} (expecting '${literal[i]}')`
    }
    return `invalid character '${trimmed[literal.length]}' after top-level value`
  }
  if (!'{["-0123456789'.includes(trimmed[0]!)) return `invalid character '${trimmed[0]}' looking for beginning of value`
  if (trimmed[0] === '{' && /^\{\s*[^"}\s]/.test(trimmed)) {
    return `invalid character '${/^\{\s*([^"}\s])/.exec(trimmed)![1]}' looking for beginning of object key string`
  }
  return 'unexpected end of JSON input'
}
