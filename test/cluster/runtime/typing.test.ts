/** What a person types at the prompts of bash and dash, and in less, watch and vi; as the real ones answer on a terminal. */
import { describe, expect, it } from 'vitest'
import { makeMachine, openTerminal, type Machine, type Terminal } from './machine.js'

async function open(...command: string[]): Promise<{ m: Machine; t: Terminal }> {
  const m = await makeMachine()
  const t = await openTerminal(m, await m.start({ image: 'debian' }), command)
  await t.type("PS1='$ '\r")
  return { m, t }
}

/** What the terminal shows after the echo of the line. */
const after = (text: string): string => text.slice(text.indexOf('\r\n') + 2)

describe('bash', () => {
  it('takes lines of its history again, and shows what it makes of them', async () => {
    const { t } = await open('bash')
    await t.type('echo one two\r')
    expect(after(await t.type('!!\r'))).toBe('echo one two\r\none two\r\n$ ')
    expect(after(await t.type('echo !$ !^ !*\r'))).toBe('echo two one one two\r\ntwo one one two\r\n$ ')
    expect(after(await t.type('^two^2^\r'))).toBe('echo 2 one one two\r\n2 one one two\r\n$ ')
    expect(after(await t.type('!ech:s/one/1/\r'))).toBe('echo 2 1 one two\r\n2 1 one two\r\n$ ')
    expect(after(await t.type('!-2:p\r'))).toBe('echo 2 one one two\r\n$ ')
    expect(after(await t.type("echo '!!' \\!x hi!\r"))).toBe('!! !x hi!\r\n$ ')
    expect(after(await t.type('!nobody\r'))).toBe('bash: !nobody: event not found\r\n$ ')
  })

  it('lists its history, also into a pipe, the last lines of it, and forgets it', async () => {
    const { t } = await open('bash')
    await t.type('echo one\r')
    await t.type('echo two\r')
    expect(after(await t.type('history | tail -2\r'))).toBe('    3  echo two\r\n    4  history | tail -2\r\n$ ')
    expect(after(await t.type('history 1\r'))).toBe('    5  history 1\r\n$ ')
    expect(after(await t.type('history x\r'))).toBe('bash: history: x: numeric argument required\r\n$ ')
    expect(after(await t.type('history -d 99\r'))).toBe('bash: history: 99: history position out of range\r\n$ ')
    await t.type('history -c\r')
    expect(after(await t.type('history\r'))).toBe('    1  history\r\n$ ')
  })

  it('completes with Tab what complete has said of a command, and what a function answers', async () => {
    const { t } = await open('bash')
    await t.type(
      'complete -W \'start stop status\' svc; complete -o default -F answer ask; svc() { echo "<$*>"; }; ask() { echo "<$*>"; }\r',
    )
    await t.type('answer() { case $3 in --colour) COMPREPLY=($(compgen -W "red green" -- "$2"));; esac; }; cd /; mkdir things\r')
    expect(await t.type('svc star\t\r')).toBe('svc start \r\n<start>\r\n$ ')
    expect(await t.type('svc s\tatu\t\r')).toBe('svc status \r\n<status>\r\n$ ')
    expect(await t.type('ask --colour g\t\r')).toBe('ask --colour green \r\n<--colour green>\r\n$ ')
    // Where the function knows nothing, files are as good as anything.
    expect(await t.type('true; ask thi\t\r')).toBe('true; ask things/\r\n<things/>\r\n$ ')
  })

  it('lists with fc what was typed, runs it again, and lets it be edited', async () => {
    const { t } = await open('bash')
    await t.type('echo one\r')
    expect(after(await t.type('fc -l\r'))).toBe("1\t PS1='$ '\r\n2\t echo one\r\n$ ")
    expect(after(await t.type('fc -s one=two echo\r'))).toBe('echo two\r\ntwo\r\n$ ')
    expect(after(await t.type('history 2\r'))).toBe('    4  echo two\r\n    5  history 2\r\n$ ')
    await t.type('FCEDIT="sed -i s/two/three/"\r')
    expect(after(await t.type('fc 4\r'))).toBe('echo three\r\nthree\r\n$ ')
  })

  it('speaks by its name without directories', async () => {
    const { t } = await open('/bin/bash')
    expect(after(await t.type('minikube start\r'))).toBe('bash: minikube: command not found\r\n$ ')
    expect(after(await t.type('cd /nosuch\r'))).toBe('bash: cd: /nosuch: No such file or directory\r\n$ ')
    expect(after(await t.type('!nobody\r'))).toBe('bash: !nobody: event not found\r\n$ ')
    expect(after(await t.type('eval fi\r'))).toBe("bash: syntax error near unexpected token `fi'\r\n$ ")
    expect(after(await t.type('fi\r'))).toBe("bash: syntax error near unexpected token `fi'\r\n$ ")
    expect(after(await t.type('echo $0\r'))).toBe('/bin/bash\r\n$ ')
  })

  it('has the last argument under Alt-., and changes the case of words', async () => {
    const { t } = await open('bash')
    await t.type('echo a b\r')
    await t.type('echo c d\r')
    expect(after(await t.type('echo \x1b.\r'))).toBe('d\r\n$ ')
    expect(after(await t.type('echo \x1b.\x1b.\x1b.\r'))).toBe('b\r\n$ ')
    expect(after(await t.type('echo abc def\x1bb\x1bb\x1bu\x1bc\r'))).toBe('ABC Def\r\n$ ')
  })

  it('knows the size of its terminal', async () => {
    const { t } = await open('bash')
    t.session.resize(100, 30)
    expect(after(await t.type('echo $COLUMNS $LINES\r'))).toBe('100 30\r\n$ ')
  })

  it('leaves what is typed ahead to the program that the line starts', async () => {
    const { t } = await open('bash')
    expect(await t.type('echo $SHLVL; bash --norc\rPS1=;echo $SHLVL; exit\recho $SHLVL; read x\rtyped\recho $x\r')).toBe(
      'echo $SHLVL; bash --norc\r\n1\r\nbash-5.2# PS1=;echo $SHLVL; exit\r\n2\r\nexit\r\n$ echo $SHLVL; read x\r\n1\r\n$ echo $x\r\ntyped\r\n$ ',
    )
  })

  it('stops a job with Ctrl-Z on a line of its own', async () => {
    const { t } = await open('bash')
    await t.type('sleep 50\r', 100)
    expect(await t.type('\x1a')).toBe('^Z\r\n[1]+  Stopped                 sleep 50\r\n$ ')
  })

  it('says that it leaves, and that there are stopped jobs the first time', async () => {
    const { t } = await open('bash')
    await t.type('sleep 50\r', 100)
    await t.type('\x1a')
    expect(after(await t.type('exit 3\r'))).toBe('exit\r\nThere are stopped jobs.\r\n$ ')
    expect(after(await t.type('(exit 2); echo $?\r'))).toBe('2\r\n$ ')
    expect(after(await t.type('logout\r'))).toBe("bash: logout: not login shell: use `exit'\r\n$ ")
    expect(await t.type('\x04')).toBe('exit\r\nThere are stopped jobs.\r\n$ ')
    expect(after(await t.type('exit 3\r'))).toBe('exit\r\n')
    const login = await open('bash', '-l')
    expect(after(await login.t.type('exit\r'))).toBe('logout\r\n')
  })

  it('asks for the rest of a command and puts it together', async () => {
    const { t } = await open('bash')
    expect(after(await t.type('for i in 1 2\r'))).toBe('> ')
    expect(after(await t.type('do echo $i\r'))).toBe('> ')
    expect(after(await t.type('done\r'))).toBe('1\r\n2\r\n$ ')
    expect(after(await t.type('echo "a\r'))).toBe('> ')
    expect(after(await t.type('b"\r'))).toBe('a\r\nb\r\n$ ')
  })

  it('reads a secret without showing it, and single keys', async () => {
    const { t } = await open('bash')
    await t.type('read -s -p "Password: " p; echo; echo got $p\r')
    expect(await t.type('secret\r')).toBe('\r\ngot secret\r\n$ ')
    await t.type('read -n 2 k; echo "[$k]"\r')
    expect(await t.type('ab')).toBe('ab[ab]\r\n$ ')
  })

  it('lists files in columns as wide as they need to be', async () => {
    const { t } = await open('bash')
    await t.type('mkdir /w; cd /w; touch alpha.txt alpine.md beta.txt; mkdir dir1\r')
    expect(after(await t.type('ls\r'))).toBe('alpha.txt  alpine.md  beta.txt\tdir1\r\n$ ')
  })
})

describe('dash', () => {
  it('counts the lines that were typed', async () => {
    const { t } = await open('dash')
    expect(after(await t.type('nosuch\r'))).toBe('dash: 2: nosuch: not found\r\n$ ')
    expect(after(await t.type('if then\r'))).toBe('dash: 3: Syntax error: "then" unexpected\r\n$ ')
  })
})
