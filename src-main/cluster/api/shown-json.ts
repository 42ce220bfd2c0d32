import { jsonText } from '../../exact-json.js'

/** A value as JSON, as the API server writes it into messages: what could end a script in a page is escaped there. */
export function shownJson(value: unknown, indent?: number): string {
  return jsonText(value, indent).replaceAll(/[<>&\u2028\u2029]/g, escaped)
}

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
