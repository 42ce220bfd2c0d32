/**
 * Label selectors as query strings: `app=web,tier in (a,b),!old`. Follows the grammar and the messages of Kubernetes'
 * "Labels and Selectors" and of k8s.io/apimachinery's parser.
 */
import { labelValue, qualifiedName } from '../kinds/rules/names.js'
import { badRequest, printed } from '../errors.js'

export type LabelPredicate = (labels: Readonly<Record<string, string>> | undefined) => boolean

interface Token {
  kind: 'id' | 'end' | '(' | ')' | ',' | '!' | '=' | '==' | '!=' | '>' | '<' | 'in' | 'notin'
  text: string
}

const SYMBOLS = new Set(['(', ')', ',', '!', '=', '>', '<'])
const SPACES = new Set([' ', '\t', '\r', '\n'])
const LARGEST = 2n ** 63n - 1n

function tokens(text: string): Token[] {
  const out: Token[] = []
  for (let i = 0; i < text.length;) {
    const c = text[i]!
    if (SPACES.has(c)) {
      i++
    } else if (SYMBOLS.has(c)) {
      const two = text.slice(i, i + 2)
      const symbol = two === '==' || two === '!=' ? two : c
      out.push({ kind: symbol as Token['kind'], text: symbol })
      i += symbol.length
    } else {
      let end = i
      while (end < text.length && !SYMBOLS.has(text[end]!) && !SPACES.has(text[end]!)) end++
      const word = text.slice(i, end)
      out.push({ kind: word === 'in' || word === 'notin' ? word : 'id', text: word })
      i = end
    }
  }
  return out
}

class Parser {
  private at = 0

  constructor(private readonly list: readonly Token[]) {}

  parse(): LabelPredicate[] {
    const requirements: LabelPredicate[] = []
    for (;;) {
      const next = this.value()
      if (next.kind === 'end') return requirements
      if (next.kind !== 'id' && next.kind !== '!') throw badRequest(`found '${next.text}', expected: !, identifier, or 'end of string'`)
      requirements.push(this.requirement())
      const after = this.take()
      if (after.kind === 'end') return requirements
      if (after.kind !== ',') throw badRequest(`found '${after.text}', expected: ',' or 'end of string'`)
      const following = this.value()
      if (following.kind !== 'id' && following.kind !== '!') throw badRequest(`found '${following.text}', expected: identifier after ','`)
    }
  }

  private requirement(): LabelPredicate {
    let token = this.take()
    const absent = token.kind === '!'
    if (absent) token = this.take()
    if (token.kind !== 'id') throw unparsable(`found '${token.text}', expected: identifier`)
    const key = token.text
    const wrong = qualifiedName(key)
    if (wrong.length > 0) throw unparsable(`<nil>: Invalid value: ${printed(key)}: ${wrong.join('; ')}`)
    if (absent) return (labels) => labels?.[key] === undefined
    const next = this.value()
    if (next.kind === 'end' || next.kind === ',') return (labels) => labels?.[key] !== undefined
    const operator = this.raw()
    switch (operator.kind) {
      case 'in':
      case 'notin': {
        const values = new Set(this.values())
        refuse(faultyValues(key, [...values].sort()))
        if (operator.kind === 'in') return (labels) => labels?.[key] !== undefined && values.has(labels[key])
        return (labels) => labels?.[key] === undefined || !values.has(labels[key])
      }
      case '=':
      case '==':
      case '!=': {
        const value = this.exact()
        refuse(faultyValues(key, [value]))
        if (operator.kind === '!=') return (labels) => labels?.[key] !== value
        return (labels) => labels?.[key] === value
      }
      case '>':
      case '<': {
        const value = this.exact()
        const bound = wholeNumber(value)
        const notWhole = `values[0]: Invalid value: ${printed(value)}: for 'Gt', 'Lt' operators, the value must be an integer`
        refuse([...(bound === undefined ? [notWhole] : []), ...faultyValues(key, [value])])
        const greater = operator.kind === '>'
        return (labels) => {
          const label = wholeNumber(labels?.[key] ?? '')
          return label !== undefined && (greater ? label > bound! : label < bound!)
        }
      }
      default:
        throw unparsable(`found '${operator.text}', expected: in, notin, =, ==, !=, gt, lt`)
    }
  }

  private values(): string[] {
    const open = this.take()
    if (open.kind !== '(') throw unparsable(`found '${open.text}' expected: '('`)
    const values: string[] = []
    const first = this.value()
    if (first.kind === ')') {
      this.take()
      return ['']
    }
    if (first.kind !== 'id' && first.kind !== ',') throw unparsable(`found '${first.text}', expected: ',', ')' or identifier`)
    for (;;) {
      const token = this.take()
      if (token.kind === 'id') {
        values.push(token.text)
        const next = this.value()
        if (next.kind === ',') continue
        if (next.kind === ')') break
        throw unparsable(`found '${next.text}', expected: ',' or ')'`)
      } else if (token.kind === ',') {
        if (values.length === 0) values.push('')
        const next = this.value()
        if (next.kind === ')') {
          values.push('')
          break
        }
        if (next.kind === ',') {
          this.take()
          values.push('')
        }
      } else throw unparsable(`found '${token.text}', expected: ',', or identifier`)
    }
    this.take()
    return values
  }

  private exact(): string {
    const next = this.value()
    if (next.kind === 'end' || next.kind === ',') return ''
    const token = this.take()
    if (token.kind !== 'id') throw unparsable(`found '${token.text}', expected: identifier`)
    return token.text
  }

  /** The next token where a key or a value is expected: `in` and `notin` are plain words there. */
  private value(): Token {
    const token = this.list[this.at] ?? END
    return token.kind === 'in' || token.kind === 'notin' ? { kind: 'id', text: token.text } : token
  }

  private take(): Token {
    const token = this.value()
    this.at++
    return token
  }

  private raw(): Token {
    return this.list[this.at++] ?? END
  }
}

const END: Token = { kind: 'end', text: '' }

/** A whole number of 64 bits; undefined for what is none. */
function wholeNumber(text: string): bigint | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined
  const number = BigInt(text.replace('+', ''))
  return number > LARGEST || number < -LARGEST - 1n ? undefined : number
}

/** What is wrong with the values of a requirement, which are told by their places in order. */
function faultyValues(key: string, values: readonly string[]): string[] {
  return values.flatMap((value, i) => {
    const wrong = labelValue(value)
    return wrong.length > 0 ? [`values[${i}][${key}]: Invalid value: ${printed(value)}: ${wrong.join('; ')}`] : []
  })
}

/** Throws when anything is wrong; several faults are told in brackets. */
function refuse(faults: readonly string[]): void {
  if (faults.length > 0) throw unparsable(faults.length === 1 ? faults[0]! : `[${faults.join(', ')}]`)
}

function unparsable(why: string): Error {
  return badRequest(`unable to parse requirement: ${why}`)
}

/** Parses a label selector; undefined when it selects everything. Throws a 400 in the API's wording. */
export function parseLabelSelector(text: string | undefined): LabelPredicate | undefined {
  if (!text) return undefined
  const requirements = new Parser(tokens(text)).parse()
  if (requirements.length === 0) return undefined
  if (requirements.length === 1) return requirements[0]
  return (labels) => requirements.every((matches) => matches(labels))
}
