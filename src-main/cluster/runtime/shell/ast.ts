/** The syntax tree of the shell command language (POSIX.1-2017, XCU 2), with the parts of bash and ash that images need. */

/** Which shell is spoken: grammar extras, builtins and the wording of errors depend on it. */
export type Dialect = 'dash' | 'ash' | 'bash'

/** A piece of a word. `quoted` pieces are not split and not globbed. */
export type WordPart =
  | { type: 'text'; text: string; quoted: boolean }
  | Parameter
  | { type: 'command'; body: Node | undefined; quoted: boolean }
  | { type: 'arithmetic'; expression: Word; quoted: boolean }
  | { type: 'process'; direction: '<' | '>'; body: Node | undefined; quoted: boolean }

/** `$name`, `${name}`, `${name:-word}`, … */
export interface Parameter {
  type: 'parameter'
  name: string
  /** `${#name}` */
  length?: boolean
  /** bash: `${!name}` */
  indirect?: boolean
  /** bash: `${!name*}` or `${!name@}`: the names that begin so. */
  prefix?: '*' | '@'
  /** bash: the subscript of `${name[subscript]}`. */
  index?: Word
  op?: '-' | '=' | '?' | '+' | '%' | '%%' | '#' | '##' | ':' | '/' | '//' | '/#' | '/%' | '^' | '^^' | ',' | ',,' | '~' | '~~' | '@'
  /** The colon of `:-`, `:=`, `:?`, `:+`. */
  colon?: boolean
  word?: Word
  /** Length of `${name:offset:length}`, replacement of `${name/pattern/replacement}`. */
  second?: Word
  /** The text of a substitution that makes no sense; an error when it is expanded. */
  bad?: string
  quoted: boolean
}

export type Word = WordPart[] & {
  /** The word of a command as it was written. */
  spelling?: string
}

export interface Redirect {
  op: '<' | '>' | '>>' | '>|' | '<>' | '<&' | '>&' | '<<' | '<<<' | '&>' | '&>>'
  /** The descriptor before the operator; the operator's own default when left out. */
  fd?: number
  /** bash: the name in `{name}>file`, which gets the number of a free descriptor. */
  variable?: string
  /** The word that ends a here-document. */
  delimiter?: string
  /** The file, descriptor, here-string; the text of a here-document. */
  target: Word
}

export interface Assignment {
  name: string
  /** bash: `name[index]=…` */
  index?: Word
  /** bash and ash: `name+=value` */
  append: boolean
  value: Word
  /** bash: `name=(…)` */
  elements?: { index?: Word; value: Word }[]
}

interface Base {
  /** The line it starts on, from 1. */
  line: number
  redirects: Redirect[]
}

export interface SimpleCommand extends Base {
  type: 'simple'
  assignments: Assignment[]
  words: Word[]
  /** bash: the arrays that are arguments of a declaration, as in `local -a list=(a b)`. */
  arrays?: Assignment[]
}

/** The condition of bash's `[[ … ]]`. */
export type Condition =
  | { type: 'unary'; op: string; operand: Word }
  | { type: 'binary'; op: string; left: Word; right: Word }
  | { type: 'word'; word: Word }
  | { type: 'not'; of: Condition }
  | { type: 'and' | 'or'; left: Condition; right: Condition }

export type Node =
  | SimpleCommand
  | (Base & { type: 'pipeline'; commands: Node[]; negate: boolean; timed?: 'bash' | 'posix' })
  | (Base & { type: 'and' | 'or'; left: Node; right: Node })
  | (Base & { type: 'list'; items: Node[] })
  | (Base & { type: 'background'; body: Node; text: string })
  | (Base & { type: 'coproc'; name: string; body: Node })
  | (Base & { type: 'subshell' | 'group'; body: Node })
  | (Base & { type: 'if'; condition: Node; consequent: Node; alternative?: Node })
  | (Base & { type: 'while' | 'until'; condition: Node; body: Node })
  | (Base & { type: 'for' | 'select'; name: string; words?: Word[]; body: Node })
  | (Base & { type: 'forArithmetic'; init: Word; test: Word; step: Word; body: Node })
  | (Base & { type: 'case'; subject: Word; clauses: CaseClause[] })
  | (Base & { type: 'function'; name: string; body: Node })
  | (Base & { type: 'condition'; condition: Condition })
  | (Base & { type: 'arithmetic'; expression: Word })

export interface CaseClause {
  patterns: Word[]
  body?: Node
  /** `;;` ends; bash: `;&` falls through, `;;&` goes on testing. */
  end: ';;' | ';&' | ';;&'
}

/** A command that cannot be parsed. */
export class ShellSyntaxError extends Error {
  /**
   * @param kind what is wrong; each dialect has its own words for it
   * @param incomplete the text ended too early: more input may make it right
   */
  constructor(
    readonly kind: 'unexpected' | 'unterminated' | 'bad',
    readonly token: string,
    readonly line: number,
    readonly incomplete: boolean,
    readonly expecting?: string,
  ) {
    super(`syntax error near ${token}`)
    this.name = 'ShellSyntaxError'
  }
}

/** The plain text of a word that has no expansions and no quotes; undefined otherwise. */
export function literal(word: Word): string | undefined {
  let text = ''
  for (const part of word) {
    if (part.type !== 'text' || part.quoted) return undefined
    text += part.text
  }
  return text
}
