import type { ShellEvent, ShellInput } from '../../src-main/backend/rpc/contract.js'

/** One line of an invented log; every few lines coloured, JSON, or long. */
export function logLine(pod: string, n: number): string {
  if (n % 13 === 5) return `\u001b[33mWARN\u001b[0m  upstream answered slowly duration=${(n * 37) % 900}ms route=/cart attempt=2\n`
  if (n % 29 === 7) return `\u001b[31mERROR\u001b[0m could not reach payments.shop.svc: connect ECONNREFUSED 10.96.14.7:80\n`
  if (n % 17 === 3)
    return `${JSON.stringify({ level: 'info', msg: 'order placed', order: 10_000 + n, customer: `c-${n % 97}`, items: n % 7, total: ((n * 13) % 9000) / 100, currency: 'EUR', trace: '4bf92f3577b34da6a3ce929d0e0e4736' })}\n`
  return `\u001b[32mINFO\u001b[0m  GET /products/${n % 512} 200 ${(n * 7) % 60}ms pod=${pod}\n`
}

/** A shell that knows a few words, enough to try a terminal. */
export class FakeShell {
  private line = ''
  private columns = 80

  constructor(
    private readonly pod: string,
    private readonly emit: (event: ShellEvent) => void,
    private readonly end: () => void,
  ) {}

  start(): void {
    this.emit({ type: 'open', command: ['/bin/sh'] })
    this.write('/ # ')
  }

  input(input: ShellInput): void {
    if (input.type === 'resize') {
      this.columns = input.columns
      return
    }
    if (input.type === 'eof') return
    const text = typeof input.data === 'string' ? input.data : new TextDecoder().decode(input.data)
    for (const c of text) this.key(c)
  }

  private key(c: string): void {
    if (c === '\r') {
      this.write('\r\n')
      const line = this.line.trim()
      this.line = ''
      this.run(line)
    } else if (c === '\u007f') {
      if (this.line) this.write('\b \b')
      this.line = this.line.slice(0, -1)
    } else if (c === '\u0003') {
      this.line = ''
      this.write('^C\r\n/ # ')
    } else if (c === '\u0004' && !this.line) this.exit(0)
    else if (c >= ' ') {
      this.line += c
      this.write(c)
    }
  }

  private run(line: string): void {
    const [word = '', ...rest] = line.split(/\s+/)
    if (word === 'exit') return this.exit(Number(rest[0] ?? 0))
    const answers: Record<string, string> = {
      '': '',
      hostname: `${this.pod}\r\n`,
      pwd: '/\r\n',
      ls: 'bin   dev   etc   home  proc  root  sys   tmp   usr   var\r\n',
      echo: `${rest.join(' ')}\r\n`,
      stty: `${this.columns}\r\n`,
    }
    this.write(answers[word] ?? `sh: ${word}: not found\r\n`)
    this.write('/ # ')
  }

  private exit(code: number): void {
    this.emit({ type: 'exit', code })
    this.end()
  }

  private write(text: string): void {
    this.emit({ type: 'data', data: new TextEncoder().encode(text) })
  }
}
