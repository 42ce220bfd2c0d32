/** The syntax tree of an awk program. */
/** The grammar of awk (POSIX.1-2017), as a syntax tree. */

export type Expression =
  | { type: 'number'; value: number }
  | { type: 'string'; value: string }
  | { type: 'regex'; source: string }
  | { type: 'name'; name: string }
  | { type: 'index'; name: string; subscripts: Expression[] }
  | { type: 'field'; of: Expression }
  | { type: 'assign'; op: string; target: Expression; value: Expression }
  | { type: 'conditional'; test: Expression; yes: Expression; no: Expression }
  | { type: 'binary'; op: string; left: Expression; right: Expression }
  | { type: 'unary'; op: string; operand: Expression }
  | { type: 'increment'; op: '++' | '--'; prefix: boolean; target: Expression }
  | { type: 'match'; negate: boolean; left: Expression; right: Expression }
  | { type: 'in'; subscripts: Expression[]; array: string }
  | { type: 'group'; items: Expression[] }
  | { type: 'call'; name: string; args: Expression[] }
  | { type: 'getline'; target?: Expression; file?: Expression; command?: Expression }

export type Statement =
  | { type: 'block'; body: Statement[] }
  | { type: 'expression'; expression: Expression }
  | { type: 'print'; args: Expression[]; formatted: boolean; op?: '>' | '>>' | '|'; to?: Expression }
  | { type: 'if'; test: Expression; yes: Statement; no?: Statement }
  | { type: 'while'; test: Expression; body: Statement; after: boolean }
  | { type: 'for'; init?: Statement; test?: Expression; step?: Statement; body: Statement }
  | { type: 'forIn'; variable: string; array: string; body: Statement }
  | { type: 'next' | 'nextfile' | 'break' | 'continue' }
  | { type: 'exit' | 'return'; value?: Expression }
  | { type: 'delete'; array: string; subscripts?: Expression[] }

export interface Rule {
  kind: 'BEGIN' | 'END' | 'main'
  pattern?: Expression
  /** The end of a range `from, to`. */
  until?: Expression
  /** undefined prints the record. */
  body?: Statement
}

export interface AwkProgram {
  rules: Rule[]
  functions: Map<string, { parameters: string[]; body: Statement }>
}

export class AwkSyntaxError extends Error {
  constructor(
    message: string,
    readonly line: number,
  ) {
    super(message)
  }
}
