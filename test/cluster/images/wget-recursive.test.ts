/** GNU's wget as it follows links: the same files as the real 1.21.3 saved of the same site, with the same words. */
import { beforeAll, describe, expect, test } from 'vitest'
import { Machine, type Box } from './machine.js'

const machine = new Machine()
let shoot: Box
let url: string

const SITE = `mkdir -p /www/sub/deep /www/img /www/other && cd /www && cat > index.html <<'END'
<html><head><link rel="stylesheet" href="style.css"><script src="/app.js"></script></head>
<body><a href="sub/">sub</a> <a href='other/page.html#part'>other</a> <img src="img/logo.png">
<a href="http://elsewhere.invalid/x">out</a> <a href="missing.html">missing</a> <a href="mailto:a@b">m</a></body></html>
END
echo 'body{}' > style.css; echo app > app.js; echo png > img/logo.png; echo hello > a.txt
echo '<a href="deep/">deep</a> <a href="../index.html">up</a> <a href="f.pdf">pdf</a>' > sub/index.html
echo '<a href="../../other/page.html">x</a>' > sub/deep/index.html; echo pdf > sub/f.pdf
echo '<p>page <a href="/index.html">home</a></p>' > other/page.html
exec httpd -f -p 8099 -h /www`

beforeAll(async () => {
  const site = await machine.run('busybox', { command: ['sh', '-c', SITE] })
  shoot = await machine.run('nicolaka/netshoot', { command: ['sleep', '1000000'] })
  url = `http://${site.ip}:8099`
})

/** What a command leaves in a directory of its own. */
async function left(command: string): Promise<string[]> {
  const script = `rm -rf /w; mkdir /w; cd /w; ${command.replaceAll('URL', url)} > /log 2>&1; find . -type f | sort | sed "s/^..//; s/^[0-9.]*:8099/HOST/"`
  return (await shoot.exec('sh', '-c', script)).stdout.split('\n').filter(Boolean)
}
const all = ['app.js', 'img/logo.png', 'index.html', 'other/page.html', 'style.css', 'sub/deep/index.html', 'sub/f.pdf', 'sub/index.html']

describe('wget -r', () => {
  test('saves all that a site leads to, under the name of its host', async () => {
    expect(await left('wget -r URL/')).toEqual(all.map((path) => `HOST/${path}`))
    expect(await left('wget -m -nH URL/sub/')).toEqual(all)
  })

  test('goes as deep as -l says, not above with -np, and takes what -A and -R leave', async () => {
    expect(await left('wget -q -nH -r -l 1 URL/')).toEqual(all.filter((path) => !/deep|f.pdf/.test(path)))
    expect(await left('wget -r -l1 -np URL/sub/')).toEqual(['HOST/sub/deep/index.html', 'HOST/sub/f.pdf', 'HOST/sub/index.html'])
    expect(await left("wget -q -r -nd -A '*.css,js' URL/")).toEqual(['app.js', 'style.css'])
    expect(await left('wget -q -r -nH -R pdf,css URL/')).toEqual(all.filter((path) => !/pdf|css/.test(path)))
    expect(await left('wget -q -r -nH -X /sub URL/')).toEqual(all.filter((path) => !path.startsWith('sub/')))
    expect(await left('wget -q -r -nH --delete-after URL/')).toEqual([])
  })

  test('says that it looks for robots.txt, and does not when told', async () => {
    const told = async () => (await shoot.exec('grep', '-c', 'robots.txt', '/log')).stdout
    await left('wget -r URL/')
    expect(await told()).toBe('2\n')
    await left('wget -r -e robots=off URL/')
    expect(await told()).toBe('0\n')
  })
})

describe('wget -p and -k', () => {
  test('takes what the page needs, and makes its links lead to it or to where they led', async () => {
    expect(await left('wget -p -k -nH URL/')).toEqual(['app.js', 'img/logo.png', 'index.html', 'style.css'])
    expect((await shoot.exec('cat', '/w/index.html')).stdout.replaceAll(url, 'URL'))
      .toBe(`<html><head><link rel="stylesheet" href="style.css"><script src="app.js"></script></head>
<body><a href="URL/sub/">sub</a> <a href='URL/other/page.html#part'>other</a> <img src="img/logo.png">
<a href="http://elsewhere.invalid/x">out</a> <a href="URL/missing.html">missing</a> <a href="mailto:a@b">m</a></body></html>
`)
    expect((await shoot.exec('tail', '-n', '4', '/log')).stdout).toBe(
      'Converting links in index.html... 7.\n3-4\nConverting links in style.css... nothing to do.\nConverted links in 2 files in 0 seconds.\n',
    )
    await left('wget -q -r -k -R pdf,css -nH URL/')
    expect((await shoot.exec('cat', '/w/sub/index.html')).stdout.replaceAll(url, 'URL')).toBe(
      '<a href="deep/index.html">deep</a> <a href="../index.html">up</a> <a href="URL/sub/f.pdf">pdf</a>\n',
    )
  })
})

describe('wget', () => {
  test('saves under a name with what was asked, as busybox does', async () => {
    expect(await left("wget -q 'URL/a.txt?x=1'")).toEqual(['a.txt?x=1'])
    const plain = await machine.run('busybox', { command: ['sleep', '1000000'] })
    expect((await plain.exec('sh', '-c', `cd /tmp; wget -q '${url}/a.txt?x=2'; ls`)).stdout).toBe('a.txt?x=2\n')
  })

  test('goes on in the background with -b, and tells of it in wget-log', async () => {
    const script = `rm -rf /w; mkdir /w; cd /w; wget -b ${url}/a.txt; while ! grep -q saved wget-log; do sleep 1; done; ls; grep -o "'a.txt' saved .*" wget-log`
    const { stdout } = await shoot.exec('sh', '-c', script)
    expect(stdout.replace(/pid \d+/, 'pid N')).toBe(
      "Continuing in background, pid N.\nOutput will be written to 'wget-log'.\na.txt\nwget-log\n'a.txt' saved [6/6]\n",
    )
  })

  test('keeps cookies in files', async () => {
    const node = await machine.run('node:20', { command: ['sleep', '1000000'] })
    const script =
      "require('http').createServer((q, r) => { r.setHeader('Set-Cookie', ['a=1; path=/', 'b=2; path=/; Max-Age=1000']); r.end((q.headers.cookie || 'none') + '\\n') }).listen(80)"
    await node.exec('sh', '-c', 'node -e "$0" > /dev/null 2>&1 < /dev/null & sleep 1', script)
    const there = `http://${node.ip}/`
    const run = (options: string) => shoot.exec('sh', '-c', `cd /tmp; wget -qO- ${options} ${there}`)
    expect((await run('--save-cookies all --keep-session-cookies')).stdout).toBe('none\n')
    expect((await run('--save-cookies lasting')).stdout).toBe('none\n')
    expect((await run('--load-cookies all')).stdout).toBe('a=1; b=2\n')
    expect((await run('--load-cookies lasting')).stdout).toBe('b=2\n')
    expect((await shoot.exec('sh', '-c', 'grep -v "^#" /tmp/all | cut -f 1-4,6-')).stdout.replaceAll(node.ip, 'IP')).toBe(
      '\nIP\tFALSE\t/\tFALSE\tb\t2\nIP\tFALSE\t/\tFALSE\ta\t1\n',
    )
  })

  test('refuses settings and values that are none', async () => {
    const said = async (...args: string[]) => (await shoot.exec('wget', ...args, `${url}/a.txt`)).stderr
    expect(await said('-e', 'bogus=1')).toBe("wget: Invalid --execute command 'bogus=1'\n")
    expect(await said('-w', 'x')).toBe("wget: --wait: Invalid time period 'x'\n")
    expect(await said('-nc', '-N')).toBe("Can't timestamp and not clobber old files at the same time.\nUsage: wget [OPTION]... [URL]...\n")
  })
})
