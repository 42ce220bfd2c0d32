/** Runs awk programs. Text is bytes (latin1 strings). */
import type { Statement } from './syntax.js'
import { Input, toNumber } from './values.js'
import { Exit, Loop, Next, NextFile, ReturnValue } from './control.js'
import { AwkExpressions } from './evaluate.js'

export class Awk extends AwkExpressions {
  private readonly ranges = new Set<number>()

  async run(): Promise<number> {
    let code = 0
    const guarded = async (body: () => Promise<void>): Promise<boolean> => {
      try {
        await body()
        return true
      } catch (error) {
        if (!(error instanceof Exit)) throw error
        if (error.code !== undefined) code = error.code
        return false
      }
    }
    const rules = this.program.rules
    let go = await guarded(async () => {
      for (const r of rules) if (r.kind === 'BEGIN') await this.execute(r.body!)
    })
    const reads = rules.some((r) => r.kind !== 'BEGIN')
    if (go && reads) {
      go = await guarded(async () => {
        while (await this.nextRecord()) {
          await this.mainRules()
          const pause = this.c.task.tick(0.002)
          if (pause) await pause
        }
      })
    }
    // END runs after exit in BEGIN or a main rule, too, but not after exit in END.
    if (reads || go) {
      await guarded(async () => {
        for (const r of rules) if (r.kind === 'END') await this.execute(r.body!)
      })
    }
    await this.flush()
    for (const name of this.writers.keys()) await this.close(name)
    for (const name of this.readers.keys()) await this.close(name)
    return code
  }

  private async mainRules(): Promise<void> {
    try {
      for (const [i, r] of this.program.rules.entries()) {
        if (r.kind !== 'main') continue
        if (r.until) {
          if (!this.ranges.has(i)) {
            if (!this.truth(await this.evaluate(r.pattern!))) continue
            this.ranges.add(i)
          }
          if (this.truth(await this.evaluate(r.until))) this.ranges.delete(i)
        } else if (r.pattern && !this.truth(await this.evaluate(r.pattern))) continue
        if (r.body) await this.execute(r.body)
        else this.out += this.record + this.text(this.get('ORS'))
      }
    } catch (error) {
      if (error instanceof NextFile) {
        await this.main?.close()
        this.main = undefined
      } else if (!(error instanceof Next)) throw error
    }
    if (this.out.length > 65_536) await this.flush()
  }

  protected async execute(s: Statement): Promise<void> {
    const pause = this.c.task.tick(0.0005)
    if (pause) await pause
    switch (s.type) {
      case 'block':
        for (const b of s.body) await this.execute(b)
        return
      case 'expression':
        await this.evaluate(s.expression)
        return
      case 'print':
        return this.print(s)
      case 'if':
        if (this.truth(await this.evaluate(s.test))) await this.execute(s.yes)
        else if (s.no) await this.execute(s.no)
        return
      case 'while':
        if (s.after && !(await this.loopBody(s.body))) return
        while (this.truth(await this.evaluate(s.test))) if (!(await this.loopBody(s.body))) return
        return
      case 'for':
        if (s.init) await this.execute(s.init)
        while (!s.test || this.truth(await this.evaluate(s.test))) {
          if (!(await this.loopBody(s.body))) return
          if (s.step) await this.execute(s.step)
        }
        return
      case 'forIn':
        for (const key of Array.from(this.array(s.array).keys())) {
          if (!this.array(s.array).has(key)) continue
          this.set(s.variable, new Input(key))
          if (!(await this.loopBody(s.body))) return
        }
        return
      case 'next':
        throw new Next()
      case 'nextfile':
        throw new NextFile()
      case 'break':
      case 'continue':
        throw new Loop(s.type)
      case 'exit':
        throw new Exit(s.value ? toNumber(await this.evaluate(s.value)) & 255 : undefined)
      case 'return':
        throw new ReturnValue(s.value ? await this.evaluate(s.value) : new Input(''))
      case 'delete':
        if (s.subscripts) this.array(s.array).delete(await this.subscript(s.subscripts))
        else this.array(s.array).clear()
    }
  }

  private async loopBody(body: Statement): Promise<boolean> {
    try {
      await this.execute(body)
      return true
    } catch (error) {
      if (!(error instanceof Loop)) throw error
      return error.kind === 'continue'
    }
  }

  private async print(s: Statement & { type: 'print' }): Promise<void> {
    let text: string
    if (s.formatted) text = await this.format(s.args)
    else {
      const parts: string[] = []
      for (const e of s.args) {
        const v = await this.evaluate(e)
        parts.push(typeof v === 'number' ? this.numberText(v, 'OFMT') : this.text(v))
      }
      text = (s.args.length === 0 ? this.record : parts.join(this.text(this.get('OFS')))) + this.text(this.get('ORS'))
    }
    if (!s.op) {
      this.out += text
      if (this.out.length > 65_536) await this.flush()
      return
    }
    const name = this.text(await this.evaluate(s.to!))
    let writer = this.writers.get(name)
    if (!writer) this.writers.set(name, (writer = await this.openWriter(s.op, name)))
    await writer.write(text)
  }
}
