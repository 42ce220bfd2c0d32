/** httpd: what it reads of its configuration, what it tells of itself, and htpasswd. */
import { beforeEach, expect, test } from 'vitest'
import { checkPassword } from '../../../src-main/cluster/runtime/images/ingress-nginx/htpasswd.js'
import { Machine, type Box } from './machine.js'

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
const CONF = '/usr/local/apache2/conf/httpd.conf'
const unnamed = ({ ip }: Box): string =>
  `AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using ${ip}. Set the 'ServerName' directive globally to suppress this message\n`

test('httpd listens, and looks for its files, where its configuration says', async () => {
  const box = await machine.run('httpd:2.4', {
    command: [
      'sh',
      '-c',
      `mkdir /site && echo hello > /site/start.html && sed -i -e 's/^Listen 80/Listen 8080/' -e 's|^DocumentRoot.*|DocumentRoot /site|' -e 's|^<Directory "/usr.*|<Directory /site>|' -e 's/DirectoryIndex .*/DirectoryIndex start.html/' -e '1i ServerName web' ${CONF} && exec httpd-foreground`,
    ],
  })
  expect((await box.get('/', { port: 8080 })).body).toBe('hello\n')
  expect(await box.log('Stderr')).not.toContain('AH00558')
})

test('httpd -t tells the line that is wrong, and the server does not start with it', async () => {
  const box = await machine.run('httpd:2.4')
  expect(await box.exec('httpd', '-t')).toEqual({ code: 0, stdout: '', stderr: `${unnamed(box)}Syntax OK\n` })
  expect(await box.exec('apachectl', 'configtest')).toMatchObject({ code: 0, stderr: `${unnamed(box)}Syntax OK\n` })
  const tested = async (line: string): Promise<string> =>
    (await box.exec('sh', '-c', `printf '%s\\n' 'Listen 80' "$1" > ${CONF}; httpd -t 2>&1; echo $?`, 'sh', line)).stdout
  expect(await tested('Lisen 80')).toBe(
    `AH00526: Syntax error on line 2 of ${CONF}:\nInvalid command 'Lisen', perhaps misspelled or defined by a module not included in the server configuration\n1\n`,
  )
  expect(await tested('DocumentRoot /none')).toBe(
    `AH00526: Syntax error on line 2 of ${CONF}:\nDocumentRoot '/none' is not a directory, or is not readable\n1\n`,
  )
  expect(await tested('<Directory />')).toBe(`AH00526: Syntax error on line 2 of ${CONF}:\n<Directory> was not closed.\n1\n`)
})

test('httpd lists its modules and settings', async () => {
  const box = await machine.run('httpd:2.4')
  expect((await box.exec('httpd', '-M')).stdout.split('\n').slice(0, 5)).toEqual([
    'Loaded Modules:',
    ' core_module (static)',
    ' so_module (static)',
    ' http_module (static)',
    ' mpm_event_module (shared)',
  ])
  expect((await box.exec('httpd', '-S')).stdout).toContain('Main DocumentRoot: "/usr/local/apache2/htdocs"\n')
})

test('htpasswd adds, changes and deletes users', async () => {
  const box = await machine.run('httpd:2.4')
  const [user, hash] = (await box.exec('htpasswd', '-nb', 'me', 'secret')).stdout.trimEnd().split(':')
  expect([user, hash!.slice(0, 6), checkPassword('secret', hash!)]).toEqual(['me', '$apr1$', true])
  expect(
    (
      await box.exec(
        'sh',
        '-c',
        'cd /tmp; htpasswd -bcs f me one; htpasswd -bs f you two; htpasswd -bs f me three; htpasswd -D f you; cat f',
      )
    ).stdout,
  ).toBe('me:{SHA}uALzhDAssk+6sKRJl+ggvy6FB7s=\n')
  expect(await box.exec('htpasswd', '-b', '/tmp/none', 'me', 'x')).toMatchObject({
    code: 1,
    stderr: "htpasswd: cannot modify file /tmp/none; use '-c' to create it\n",
  })
})
