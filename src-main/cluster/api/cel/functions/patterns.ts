/** Regular expressions of RE2, which Kubernetes uses in schemas and in rules; matching takes time linear in the text. */
import { RE2JS } from '@bufbuild/re2'
import { EvaluationError, method, type Overload } from './overload.js'

const known = new Map<string, RE2JS | string>()
const KNOWN_LIMIT = 4096

/** A pattern, or what is wrong with it in the words of Go's parser. */
export function compilePattern(source: string): RE2JS | string {
  let compiled = known.get(source)
  if (compiled === undefined) {
    try {
      compiled = RE2JS.compile(source)
    } catch (error) {
      compiled = problemOf(error)
    }
    if (known.size >= KNOWN_LIMIT) known.clear()
    known.set(source, compiled)
  }
  return compiled
}

/** Go shows the faulty part of a pattern always, even when nothing is left of it. */
function problemOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.endsWith('trailing backslash at end of expression') ? `${text}: \`\`` : text
}

/** A pattern that is valid. */
export function pattern(source: string): RE2JS {
  const compiled = compilePattern(source)
  if (typeof compiled === 'string') throw new EvaluationError(compiled)
  return compiled
}

/**
 * The texts that a pattern matches, up to a number of them. The linear engine only tells whether there is a match; where
 * is asked of JavaScript's, on texts that match and are not too long for it.
 */
function findAll(text: string, source: string, limit: number): string[] {
  const found: string[] = []
  if (limit === 0 || !pattern(source).test(text)) return found
  if (text.length > LONGEST_SEARCHED) throw new EvaluationError('text is too long to be searched')
  for (const [match] of text.matchAll(scriptPattern(source))) {
    found.push(match)
    if (limit > 0 && found.length >= limit) break
  }
  return found
}

const LONGEST_SEARCHED = 10_000

function scriptPattern(source: string): RegExp {
  const ignoreCase = source.startsWith('(?i)')
  const spelled = source
    .slice(ignoreCase ? 4 : 0)
    .replaceAll('(?P<', '(?<')
    .replaceAll('\\z', '$')
    .replaceAll('\\A', '^')
  try {
    return new RegExp(spelled, ignoreCase ? 'giu' : 'gu')
  } catch (error) {
    throw new EvaluationError(`pattern cannot be searched for: ${error instanceof Error ? error.message : String(error)}`)
  }
}

export const PATTERNS: readonly Overload[] = [
  method('find', 'string, string => string', (text: string, source: string) => findAll(text, source, 1)[0] ?? ''),
  method('findAll', 'string, string => list(string)', (text: string, source: string) => findAll(text, source, -1)),
  method('findAll', 'string, string, int => list(string)', (text: string, source: string, limit: bigint) =>
    findAll(text, source, Number(limit)),
  ),
]
