import { describe, expect, it } from 'vitest'
import { keyOf, readPlugins } from '../../../src-main/backend/commands/k9s-plugins.js'

const file = (path: string, text: string) => ({ path, bytes: new TextEncoder().encode(text) })
const read = (...files: [string, string][]) => readPlugins({ files: files.map(([path, text]) => file(path, text)) })
const told = (found: ReturnType<typeof readPlugins>) => found.problems.map((p) => [p.file, p.name, p.field, p.problem.message])

describe('plugins of k9s', () => {
  it('become commands, with their keys, that are shown before their first run', () => {
    const text = `
plugins:
  stern:
    shortCut: Ctrl-L
    override: true
    confirm: false
    description: Logs <Stern>
    scopes: [pods]
    command: stern
    background: false
    args: [--tail, 50, $NAME, -n, $NAMESPACE, --context, $CONTEXT]
  drop:
    shortCut: Shift-D
    dangerous: true
    confirm: true
    background: true
    scopes: [po, dp]
    command: kubectl
    args: [delete, pod, $NAME]
`
    expect(read(['k9s/plugins.yaml', text])).toEqual({
      commands: [
        {
          name: 'stern',
          description: 'Logs <Stern>',
          scopes: ['pods'],
          shortcut: 'ctrl+l',
          command: 'stern',
          args: ['--tail', '50', '$NAME', '-n', '$NAMESPACE', '--context', '$CONTEXT'],
          untried: true,
        },
        {
          name: 'drop',
          scopes: ['po', 'dp'],
          shortcut: 'D',
          command: 'kubectl',
          args: ['delete', 'pod', '$NAME'],
          confirm: true,
          dangerous: true,
          background: true,
          untried: true,
        },
      ],
      problems: [],
    })
  })

  it('are read from every form of file that a folder of them has', () => {
    const { commands, problems } = read(
      ['plugins/one.yaml', 'scopes: [nodes]\ncommand: ssh\nargs: [$NAME]\n'],
      ['plugins/many.yml', 'a: { scopes: [po], command: x }\nb: { scopes: [po], command: z }\n'],
      ['plugins/README.md', '# not read'],
    )
    expect([commands.map((c) => c.name), problems]).toEqual([['a', 'b', 'one'], []])
  })

  it('with pipes run in a shell that gets the arguments as arguments', () => {
    const { commands } = read(['p.yaml', 'scopes: [po]\ncommand: kubectl\nargs: [get, po, $NAME]\npipes: [jq ., less -R]\n'])
    expect(commands[0]).toMatchObject({ command: 'sh', args: ['-c', '"$0" "$@" | jq . | less -R', 'kubectl', 'get', 'po', '$NAME'] })
  })

  it('that cannot be taken are told with the file, the field and what mends it; the others are taken', () => {
    const found = read(
      ['bad.yaml', 'plugins: [a'],
      ['none.yaml', 'kind: Pod\n'],
      [
        'some.yaml',
        `
plugins:
  good: { scopes: [po], command: echo, args: [$NAME] }
  noArgs: { scopes: [po], command: echo, args: $NAME }
  noBool: { scopes: [po], command: echo, confirm: sure }
  inputs: { scopes: [po], command: echo, inputs: [{ name: x }] }
  filter: { scopes: [po], command: echo, args: [$FILTER] }
  digit: { scopes: [po], command: echo, shortCut: Shift-1 }
`,
      ],
    )
    expect(found.commands.map((c) => [c.name, c.shortcut])).toEqual([
      ['good', undefined],
      ['digit', undefined],
    ])
    expect(told(found).map(([f, n, field, message]) => [f, n, field, message!.slice(0, 46)])).toEqual([
      ['bad.yaml', undefined, undefined, expect.stringMatching(/^Line \d+: /)],
      ['none.yaml', undefined, undefined, 'The file holds no plugins: a map under "plugin'],
      ['some.yaml', 'noArgs', 'args', 'args has to be a list of texts, a line each th'],
      ['some.yaml', 'noBool', 'confirm', 'confirm has to be true or false.'],
      ['some.yaml', 'inputs', 'inputs', 'Plugins that ask for inputs are not supported.'],
      ['some.yaml', 'filter', 'args[0]', 'There is no variable $FILTER. There are $NAME,'],
      ['some.yaml', 'digit', 'shortCut', 'The shortcut Shift-1 is no key that all keyboa'],
    ])
  })

  it('are looked for in YAML files, and none are found where there is none', () => {
    expect(() => read(['notes.txt', 'x'])).toThrow('There is no file with the extension .yaml or .yml.')
  })

  it('have keys that become those of the window', () => {
    const keys = ['Ctrl-L', 'Shift-L', 'l', 'L', 'Ctrl-Shift-X', 'F5', 'Shift-F5', 'Alt-3', 'Shift-3', 'Meta-X', 'Ctrl-Space']
    expect(keys.map(keyOf)).toEqual(['ctrl+l', 'L', 'l', 'l', 'ctrl+shift+x', 'F5', 'shift+F5', 'alt+3', undefined, undefined, undefined])
  })
})
