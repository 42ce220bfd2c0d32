import { goEscaped, jsonText } from '../../exact-json.js'

/** A value as JSON, as the API server writes it into answers and messages: what could end a script in a page is escaped there. */
export const shownJson = (value: unknown, indent?: number): string => goEscaped(jsonText(value, indent))
