/** The grammar of awk (POSIX.1-2017), as a syntax tree. */

import type { AwkProgram, Expression, Rule, Statement } from './syntax.js'
import { ExpressionParser } from './expressions.js'

/** Parses a program. Throws {@link AwkSyntaxError}. @param mawk whether it is Debian's, which has fewer functions */
export function parseAwk(source: string, mawk: boolean): AwkProgram {
  return new AwkParser(source, mawk).program()
}

class AwkParser extends ExpressionParser {
  private readonly result: AwkProgram = { rules: [], functions: new Map() }

  program(): AwkProgram {
    this.newlines()
    while (this.token.type !== 'end') {
      if (this.is('function') || this.is('func')) this.definition()
      else this.rule()
      this.newlines()
    }
    return this.result
  }

  private definition(): void {
    this.advance()
    const name = this.advance()
    if (name.type !== 'function' && name.type !== 'name') throw this.fail()
    this.expect('(')
    const parameters: string[] = []
    while (!this.is(')')) {
      this.optionalNewlines()
      const p = this.advance()
      if (p.type !== 'name') throw this.fail()
      parameters.push(p.text)
      if (!this.accept(',')) break
      this.optionalNewlines()
    }
    this.expect(')')
    this.optionalNewlines()
    this.result.functions.set(name.text, { parameters, body: this.block() })
  }

  private rule(): void {
    if (this.is('BEGIN') || this.is('END')) {
      const kind = this.advance().text as 'BEGIN' | 'END'
      this.optionalNewlines()
      this.result.rules.push({ kind, body: this.block() })
      return
    }
    const rule: Rule = { kind: 'main' }
    if (!this.is('{')) {
      rule.pattern = this.expression()
      if (this.accept(',')) {
        this.optionalNewlines()
        rule.until = this.expression()
      }
    }
    if (this.is('{')) rule.body = this.block()
    this.result.rules.push(rule)
  }

  private block(): Statement {
    this.expect('{')
    const body: Statement[] = []
    this.newlines()
    while (!this.is('}')) {
      if (this.token.type === 'end') throw this.fail('missing } near end of file')
      body.push(this.statement())
      this.newlines()
    }
    this.advance()
    return { type: 'block', body }
  }

  private endOfSimple(): void {
    if (this.token.type === 'newline' || this.is(';')) this.advance()
    else if (!this.is('}') && this.token.type !== 'end') throw this.fail()
  }

  private statement(): Statement {
    if (this.is('{')) return this.block()
    if (this.accept(';')) return { type: 'block', body: [] }
    if (this.token.type === 'keyword') {
      switch (this.token.text) {
        case 'if': {
          this.advance()
          const test = this.parenthesised()
          this.optionalNewlines()
          const yes = this.statement()
          // An else may stand after newlines and a semicolon.
          const saved = { at: this.at, line: this.line, token: this.token, previous: this.previous }
          this.newlines()
          if (this.accept('else')) {
            this.optionalNewlines()
            return { type: 'if', test, yes, no: this.statement() }
          }
          Object.assign(this, saved)
          return { type: 'if', test, yes }
        }
        case 'while': {
          this.advance()
          const test = this.parenthesised()
          if (this.accept(';')) return { type: 'while', test, body: { type: 'block', body: [] }, after: false }
          this.optionalNewlines()
          return { type: 'while', test, body: this.statement(), after: false }
        }
        case 'do': {
          this.advance()
          this.optionalNewlines()
          const body = this.statement()
          this.newlines()
          this.expect('while')
          const test = this.parenthesised()
          this.endOfSimple()
          return { type: 'while', test, body, after: true }
        }
        case 'for':
          return this.forStatement()
        default:
      }
    }
    const s = this.simple()
    this.endOfSimple()
    return s
  }

  private parenthesised(): Expression {
    this.expect('(')
    const e = this.expression()
    this.expect(')')
    return e
  }

  private forStatement(): Statement {
    this.advance()
    this.expect('(')
    const saved = { at: this.at, line: this.line, token: this.token, previous: this.previous }
    if (this.token.type === 'name') {
      const variable = this.advance().text
      if (this.accept('in') && this.isName()) {
        const array = this.advance().text
        if (this.accept(')')) {
          this.optionalNewlines()
          return { type: 'forIn', variable, array, body: this.statement() }
        }
      }
      Object.assign(this, saved)
    }
    const init = this.is(';') ? undefined : this.simple()
    this.expect(';')
    this.optionalNewlines()
    const test = this.is(';') ? undefined : this.expression()
    this.expect(';')
    this.optionalNewlines()
    const step = this.is(')') ? undefined : this.simple()
    this.expect(')')
    if (this.accept(';')) return { type: 'for', init, test, step, body: { type: 'block', body: [] } }
    this.optionalNewlines()
    return { type: 'for', init, test, step, body: this.statement() }
  }

  private isName(): boolean {
    return this.token.type === 'name'
  }

  private simple(): Statement {
    const t = this.token
    if (t.type === 'keyword') {
      switch (t.text) {
        case 'next':
        case 'nextfile':
        case 'break':
        case 'continue':
          this.advance()
          return { type: t.text }
        case 'exit':
        case 'return': {
          this.advance()
          const ends = this.token.type === 'newline' || this.token.type === 'end' || this.is(';') || this.is('}')
          return { type: t.text, value: ends ? undefined : this.expression() }
        }
        case 'delete': {
          this.advance()
          const array = this.advance().text
          if (!this.accept('[')) return { type: 'delete', array }
          const subscripts = this.list(']')
          return { type: 'delete', array, subscripts }
        }
        case 'print':
        case 'printf':
          return this.print()
        default:
      }
    }
    return { type: 'expression', expression: this.expression() }
  }

  private print(): Statement {
    const formatted = this.advance().text === 'printf'
    let args: Expression[] = []
    this.noGreater++
    if (
      !(
        this.token.type === 'newline' ||
        this.token.type === 'end' ||
        this.is(';') ||
        this.is('}') ||
        this.is('>') ||
        this.is('>>') ||
        this.is('|')
      )
    ) {
      args.push(this.expression())
      while (this.accept(',')) {
        this.optionalNewlines()
        args.push(this.expression())
      }
      // `print (a, b) > file`
      if (args.length === 1 && args[0]!.type === 'group' && args[0]!.items.length > 1) args = args[0]!.items
    }
    this.noGreater--
    const op = this.is('>') || this.is('>>') || this.is('|') ? (this.advance().text as '>') : undefined
    return { type: 'print', args, formatted, op, to: op ? this.concatenation() : undefined }
  }
}
