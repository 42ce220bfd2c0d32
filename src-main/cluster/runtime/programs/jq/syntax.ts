/** The syntax tree of a jq program. */
/** The language of jq (its manual, version 1.7): from text to a tree. */

export type Expression =
  | { type: 'identity' | 'recurse' }
  | { type: 'literal'; value: null | boolean | number }
  | { type: 'string'; format?: string; parts: (string | Expression)[] }
  | { type: 'format'; name: string }
  | { type: 'field'; of: Expression; name: Expression }
  | { type: 'slice'; of: Expression; from?: Expression; to?: Expression }
  | { type: 'iterate'; of: Expression }
  | { type: 'try'; body: Expression; handler?: Expression }
  | { type: 'array'; body?: Expression }
  | { type: 'object'; entries: { key: Expression; value: Expression }[] }
  | { type: 'negate'; of: Expression }
  | { type: 'pipe' | 'comma' | 'alternative' | 'and' | 'or'; left: Expression; right: Expression }
  | { type: 'binary'; op: '+' | '-' | '*' | '/' | '%' | '==' | '!=' | '<' | '<=' | '>' | '>='; left: Expression; right: Expression }
  | { type: 'assign'; op: '=' | '|=' | '+=' | '-=' | '*=' | '/=' | '%=' | '//='; left: Expression; right: Expression }
  | { type: 'if'; condition: Expression; consequent: Expression; alternative?: Expression }
  | { type: 'reduce'; source: Expression; pattern: Pattern; init: Expression; update: Expression }
  | { type: 'foreach'; source: Expression; pattern: Pattern; init: Expression; update: Expression; extract?: Expression }
  | { type: 'bind'; source: Expression; pattern: Pattern; body: Expression }
  | { type: 'variable'; name: string }
  | { type: 'call'; name: string; args: Expression[] }
  | { type: 'define'; name: string; params: string[]; body: Expression; rest: Expression }
  | { type: 'label'; name: string; body: Expression }
  | { type: 'break'; name: string }

/** What stands after `as`. */
export type Pattern =
  | { type: 'variable'; name: string }
  | { type: 'array'; items: Pattern[] }
  | { type: 'object'; entries: { key: Expression; variable?: string; value?: Pattern }[] }

/** A program that jq cannot compile; the message is what stands after `jq: error: `. */
export class JqSyntaxError extends Error {}

/** A string without interpolation. */
export function text(value: string): Expression {
  return { type: 'string', parts: [value] }
}
