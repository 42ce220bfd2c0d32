/** httpd: what sections and directives of its configuration, and .htaccess files, do to requests. */
import { beforeEach, expect, test } from 'vitest'
import { Machine, type Box } from './machine.js'

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
const CONF = '/usr/local/apache2/conf/httpd.conf'
const MODULES = ['rewrite', 'proxy', 'proxy_http'].map((name) => `LoadModule ${name}_module modules/mod_${name}.so`).join('\n')

/** The packaged configuration with more lines, and files: /srv/a.txt, /srv/app with a .htaccess, htdocs/dir. */
function httpd(more: string, htaccess = ''): Promise<Box> {
  return machine.run('httpd:2.4', {
    command: [
      'sh',
      '-c',
      `mkdir -p /srv/app /usr/local/apache2/htdocs/dir; echo alias > /srv/a.txt; echo front > /srv/app/index.html; echo gone > /usr/local/apache2/htdocs/404.html; printf '%s' "$HTACCESS" > /srv/app/.htaccess; printf 'me:{SHA}0DPiKuNIrrVmD8IUCuw1hQxNqZc=\\n' > /srv/users; printf '%s\\n' "$MORE" >> ${CONF}; exec httpd-foreground`,
    ],
    env: [
      { name: 'MORE', value: `${MODULES}\n${more}` },
      { name: 'HTACCESS', value: htaccess },
    ],
  })
}

test('Alias and Redirect lead elsewhere, and Require lets in', async () => {
  const box = await httpd(
    'Alias /files /srv\n<Directory /srv>\nRequire all granted\n</Directory>\nAlias /etc /etc\nRedirect permanent /old /files\nRedirectMatch 302 ^/x/(.*)$ http://y/$1\nRedirect gone /gone',
  )
  expect((await box.get('/files/a.txt')).body).toBe('alias\n')
  expect((await box.get('/etc/passwd')).status).toBe(403)
  const old = await box.get('/old/a.txt?q=1')
  expect([old.status, old.headers['location']]).toEqual([301, `http://${box.ip}/files/a.txt?q=1`])
  expect((await box.get('/x/1')).headers['location']).toBe('http://y/1')
  expect((await box.get('/gone')).status).toBe(410)
  expect(await box.log('Stderr')).toContain('AH01630: client denied by server configuration: /etc/passwd')
})

test('each virtual host has a site of its own, which -S lists', async () => {
  const box = await httpd(
    '<VirtualHost *:80>\nServerName one\nRedirect /who http://one/\n</VirtualHost>\n<VirtualHost *:80>\nServerName two\nServerAlias *.two\nRedirect /who http://two/\n</VirtualHost>',
  )
  const who = async (host: string): Promise<unknown> => (await box.get('/who', { headers: { Host: host } })).headers['location']
  expect([await who('other'), await who('two'), await who('a.two')]).toEqual(['http://one/', 'http://two/', 'http://two/'])
  expect((await box.exec('httpd', '-S')).stdout).toContain('*:80                   is a NameVirtualHost\n         default server one (')
})

test('RewriteRule, its conditions and ProxyPass act once their modules are loaded, and are unknown before', async () => {
  const web = await machine.run('nginx:1.25')
  const box = await httpd(
    `RewriteEngine On\nRewriteCond %{HTTP_HOST} ^old\\.\nRewriteRule ^/(.*)$ http://new/$1 [R=301,L]\nRewriteRule ^/short$ /404.html [L]\nRewriteRule ^/no - [F]\nProxyPass /web/ http://${web.ip}/\nProxyPass /dead http://${web.ip}:81/`,
  )
  expect((await box.get('/a', { headers: { Host: 'old.x' } })).headers['location']).toBe('http://new/a')
  expect((await box.get('/short')).body).toBe('gone\n')
  expect((await box.get('/no')).status).toBe(403)
  expect((await box.get('/web/')).body).toContain('Welcome to nginx!')
  expect((await box.get('/dead')).status).toBe(503)
  const plain = await machine.run('httpd:2.4')
  const tested = await plain.exec('sh', '-c', `echo 'RewriteEngine On' >> ${CONF}; httpd -t`)
  expect([tested.code, tested.stderr]).toEqual([1, expect.stringContaining("Invalid command 'RewriteEngine', perhaps misspelled or defined by a module not included")]) // prettier-ignore
})

test('.htaccess files count where AllowOverride says so', async () => {
  const front = 'RewriteEngine On\nRewriteCond %{REQUEST_FILENAME} !-f\nRewriteRule . /app/index.html [L]\nHeader set X-From htaccess'
  const conf = (allow: string): string => `DocumentRoot /srv\n<Directory /srv>\nAllowOverride ${allow}\nRequire all granted\n</Directory>`
  const box = await httpd(conf('All'), front)
  const { body, headers } = await box.get('/app/some/page')
  expect([body, headers['x-from']]).toEqual(['front\n', 'htaccess'])
  const closed = await httpd(conf('None'), front)
  expect((await closed.get('/app/some/page')).status).toBe(404)
  const wrong = await httpd(conf('All'), 'Nonsense on')
  expect((await wrong.get('/app/')).status).toBe(500)
  expect(await wrong.log('Stderr')).toContain("/srv/app/.htaccess: Invalid command 'Nonsense', perhaps misspelled")
})

test('passwords, headers, error documents and listings are as they are told', async () => {
  const box = await httpd(
    'ErrorDocument 404 /404.html\nHeader set X-A b\n<Location /secret>\nAuthType Basic\nAuthName "Staff"\nAuthUserFile /srv/users\nRequire valid-user\n</Location>\n<Directory /usr/local/apache2/htdocs/dir>\nOptions -Indexes\n</Directory>',
  )
  const asked = await box.get('/secret')
  expect([asked.status, asked.headers['www-authenticate']]).toEqual([401, 'Basic realm="Staff"'])
  const known = { headers: { Authorization: `Basic ${Buffer.from('me:admin').toString('base64')}` } }
  expect((await box.get('/secret', known)).status).toBe(404)
  const missing = await box.get('/none')
  expect([missing.status, missing.body]).toEqual([404, 'gone\n'])
  expect((await box.get('/')).headers['x-a']).toBe('b')
  expect((await box.get('/dir/')).status).toBe(403)
  expect((await box.get('/dir')).headers['location']).toBe(`http://${box.ip}/dir/`)
})
