/** The grammar of bash's [[ … ]]. */
import { literal, type Condition, type Node, type Word } from './ast.js'
import { TokenReader } from './tokens.js'

/** Parses the conditions of bash's [[ … ]]. */
export abstract class ConditionParser extends TokenReader {
  // [[ … ]]

  protected conditionCommand(): Node {
    const { line } = this
    this.take()
    const condition = this.conditionOr()
    this.expect(']]')
    return { type: 'condition', condition, line, redirects: [] }
  }

  private conditionOr(): Condition {
    let left = this.conditionAnd()
    while (this.isOp('||')) {
      this.take()
      left = { type: 'or', left, right: this.conditionAnd() }
    }
    return left
  }

  private conditionAnd(): Condition {
    let left = this.conditionPrimary()
    while (this.isOp('&&')) {
      this.take()
      left = { type: 'and', left, right: this.conditionPrimary() }
    }
    return left
  }

  private conditionPrimary(): Condition {
    this.skipNewlines()
    if (this.isOp('(')) {
      this.take()
      const inner = this.conditionOr()
      this.expect(')')
      return inner
    }
    const t = this.take()
    if (t.type !== 'word') throw this.unexpected(t)
    const text = literal(t.word)
    if (text === '!') return { type: 'not', of: this.conditionPrimary() }
    if (text !== undefined && /^-[a-zA-Z]$/.test(text) && this.look().type === 'word' && this.reserved() !== ']]') {
      const operand = this.take()
      return { type: 'unary', op: text, operand: (operand as { word: Word }).word }
    }
    const op = this.look()
    if (op.type === 'op' && (op.op === '<' || op.op === '>')) {
      this.take()
      const right = this.take()
      if (right.type !== 'word') throw this.unexpected(right)
      return { type: 'binary', op: op.op, left: t.word, right: right.word }
    }
    const opText = op.type === 'word' ? literal(op.word) : undefined
    if (opText !== undefined && /^(=|==|!=|=~|-eq|-ne|-lt|-le|-gt|-ge|-nt|-ot|-ef)$/.test(opText)) {
      this.token = undefined
      // A regular expression may hold parentheses and bars.
      while (this.peek() === ' ' || this.peek() === '\t') this.pos++
      const right = this.readWord(opText === '=~' ? ' \t\n' : ' \t\n;&|<>()')
      if (!right) throw this.unexpected(this.look())
      return { type: 'binary', op: opText, left: t.word, right }
    }
    return { type: 'word', word: t.word }
  }
}
