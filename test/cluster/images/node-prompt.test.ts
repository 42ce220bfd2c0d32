/** The prompt of node, as a person types at it, and the modules that programs at a terminal use. */
import { describe, expect, test } from 'vitest'
import { resolveImage } from '../../../src-main/cluster/runtime/images/catalogue.js'
import { makeMachine, openTerminal, type Terminal } from '../runtime/machine.js'
import { Machine } from './machine.js'

/** A terminal at which node has asked for the first line. */
async function prompt(): Promise<Terminal> {
  const terminal = await begin()
  terminal.take()
  return terminal
}

async function begin(): Promise<Terminal> {
  const machine = await makeMachine({ images: { node: resolveImage('node:20').image } })
  const id = await machine.start({ image: 'node', command: ['sleep', '100000'] })
  const terminal = await openTerminal(machine, id, ['node'])
  // The engine is loaded by the first script.
  while (!terminal.output.includes('> ')) await machine.clock.advance(10)
  return terminal
}

/** What appears after the echo of a line. */
async function answer(terminal: Terminal, line: string): Promise<string> {
  const text = await terminal.type(`${line}\r`, 100)
  return text.slice(text.indexOf('\r\n') + 2).replaceAll('\r\n', '\n')
}

describe('at a terminal, node', () => {
  test('says who it is, evaluates line by line and keeps what was declared', async () => {
    const t = await begin()
    expect(t.take()).toBe('Welcome to Node.js v20.19.6.\r\nType ".help" for more information.\r\n> ')
    expect(await answer(t, '1 + 1')).toBe('2\n> ')
    expect(await answer(t, '_ * 2')).toBe('4\n> ')
    expect(await answer(t, 'const host = os.hostname()')).toBe('undefined\n> ')
    expect(await answer(t, 'host')).toBe("'web'\n> ")
    expect(await answer(t, '{ a: [1, { b: 2 }] }')).toBe('{ a: [ 1, { b: 2 } ] }\n> ')
    expect(await answer(t, "console.log('hi')")).toBe('hi\nundefined\n> ')
  })

  test('asks for the rest of what is not complete', async () => {
    const t = await prompt()
    expect(await answer(t, 'function double(n) {')).toBe('... ')
    expect(await answer(t, 'return 2 * n')).toBe('... ')
    expect(await answer(t, '}')).toBe('undefined\n> ')
    expect(await answer(t, 'double(21)')).toBe('42\n> ')
  })

  test('tells errors in a line and goes on', async () => {
    const t = await prompt()
    expect(await answer(t, 'nosuch')).toBe('Uncaught ReferenceError: nosuch is not defined\n> ')
    expect(await answer(t, "throw new Error('x')")).toBe('Uncaught Error: x\n> ')
    await answer(t, 'let a = 1')
    expect(await answer(t, 'let a = 2')).toBe("Uncaught SyntaxError: Identifier 'a' has already been declared\n> ")
    expect(await answer(t, ')')).toBe("Uncaught SyntaxError: Unexpected token ')'\n> ")
  })

  test('waits for what is awaited', async () => {
    const t = await prompt()
    expect(await answer(t, 'await new Promise((r) => setTimeout(() => r(7), 50))')).toBe('7\n> ')
    expect(await answer(t, 'const x = await Promise.resolve(3)')).toBe('undefined\n> ')
    expect(await answer(t, 'x')).toBe('3\n> ')
  })

  test('has a help, and ends by .exit, Ctrl-D, or Ctrl-C twice', async () => {
    const t = await prompt()
    expect(await answer(t, '.help')).toBe(`.break    Sometimes you get stuck, this gets you out
.clear    Alias for .break
.editor   Enter editor mode
.exit     Exit the REPL
.help     Print this help message
.load     Load JS from a file into the REPL session
.save     Save all evaluated commands in this REPL session to a file

Press Ctrl+C to abort current expression, Ctrl+D to exit the REPL
> `)
    expect(await answer(t, '.nosuch')).toBe('Invalid REPL keyword\n> ')
    await t.type('.exit\r', 100)
    expect(await t.session.status).toEqual({ code: 0 })
    const byEnd = await prompt()
    await byEnd.type('\x04', 100)
    expect(await byEnd.session.status).toEqual({ code: 0 })
    const byKeys = await prompt()
    expect(await byKeys.type('\x03', 100)).toBe('^C\r\n(To exit, press Ctrl+C again or Ctrl+D or type .exit)\r\n> ')
    await byKeys.type('\x03', 100)
    expect(await byKeys.session.status).toEqual({ code: 0 })
  })

  test('brings back lines, and completes names by Tab', async () => {
    const t = await prompt()
    await answer(t, '6 * 7')
    expect((await t.type('\x1b[A\r', 100)).endsWith('42\r\n> ')).toBe(true)
    expect((await t.type('JSON.str\t({ a: 1 })\r', 100)).endsWith(`'{"a":1}'\r\n> `)).toBe(true)
  })
})

describe('a program of node', () => {
  const run = async (script: string) => (await new Machine().run('node:20', { command: ['sleep', '100000'] })).exec('sh', '-c', script)

  test('is read from standard input like a prompt with -i', async () => {
    expect((await run(`printf '1+1\\nawait 5\\n' | node -i`)).stdout).toBe(
      'Welcome to Node.js v20.19.6.\nType ".help" for more information.\n> 2\n> 5\n> \n',
    )
  })

  test('reads lines and asks questions', async () => {
    expect(
      (await run(`printf 'a\\nb' | node -e 'require("readline").createInterface({ input: process.stdin }).on("line", (l) => console.log("got", l))'`))
        .stdout,
    ).toBe('got a\ngot b\n')
    expect(
      (await run(`echo Ann | node --input-type=module -e 'import rl from "node:readline/promises"; const i = rl.createInterface(process.stdin, process.stdout); console.log("hi", await i.question("name? ")); i.close()'`))
        .stdout,
    ).toBe('name? hi Ann\n')
  }) // prettier-ignore

  test('packs and unpacks', async () => {
    const code = `const z = require("zlib")
      console.log(String(z.gunzipSync(z.gzipSync("hello"))), String(z.inflateSync(z.deflateSync("x"))), z.crc32("hello"))
      try { z.gunzipSync("junk") } catch (e) { console.log(e.code, e.errno, e.message) }
      z.brotliCompress("b", (e, data) => console.log(String(z.brotliDecompressSync(data))))
      const gzip = z.createGzip(), parts = []
      gzip.on("data", (d) => parts.push(d)).on("end", () => console.log(String(z.gunzipSync(Buffer.concat(parts)))))
      gzip.end("streamed")`
    expect((await run(`node -e '${code}'`)).stdout.split('\n').slice(0, 2)).toEqual([
      'hello x 907060870',
      'Z_DATA_ERROR -3 incorrect header check',
    ])
    expect((await run(`node -e '${code}'`)).stdout.split('\n').slice(2).sort()).toEqual(['', 'b', 'streamed'])
    expect(
      (await run(`echo hello | gzip | node -e 'process.stdin.pipe(require("zlib").createGunzip()).pipe(process.stdout)'`)).stdout,
    ).toBe('hello\n')
  })

  test('puts text together that comes in pieces', async () => {
    const code = `const { StringDecoder } = require("string_decoder"); const d = new StringDecoder("utf8"); const b = Buffer.from("é€")
      console.log([b.subarray(0, 1), b.subarray(1, 3), b.subarray(3)].map((p) => d.write(p)), [d.end()])`
    expect((await run(`node -e '${code}'`)).stdout).toBe("[ '', 'é', '€' ] [ '' ]\n")
  })
})
