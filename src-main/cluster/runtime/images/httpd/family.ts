/** httpd: Apache's HTTP server with its packaged configuration, serving /usr/local/apache2/htdocs. */
import type { ImageFamily } from '../image.js'
import type { Program } from '../../process.js'
import { isAddressInUse, Latch, serveInProcess } from '../server-process.js'
import { tagsOf, versionOf, type Releases } from '../tags.js'
import { alpineTree, debianTree } from '../userland.js'
import { networkPrograms } from '../../programs/catalogue.js'
import { apacheStart, apacheTime, unnamed } from './apache.js'
import { moduleList, PACKAGED_CONF, readConf, settingsList } from './conf.js'
import { htpasswd } from './htpasswd.js'
import { respond } from './respond.js'

const ROOT = '/usr/local/apache2/htdocs'
const program =
  (version: string): Program =>
  async (process) => {
    const args = process.argv.slice(1)
    if (args.includes('-v')) {
      await process.write(`Server version: Apache/${version} (Unix)\nServer built:   Jan  1 2026 00:00:00\n`)
      return 0
    }
    if (args.includes('-l')) {
      await process.write('Compiled in modules:\n  core.c\n  mod_so.c\n  http_core.c\n')
      return 0
    }
    const conf = readConf(process, 'httpd')
    if (typeof conf === 'string') {
      await process.writeError(conf)
      return 1
    }
    const asked = args.find((word) => ['-t', '-S', '-M', 'configtest'].includes(word))
    if (asked !== undefined) {
      if (conf.serverName === undefined) await process.writeError(unnamed(process, 'httpd'))
      if (asked === '-M' || asked === '-S') await process.write(asked === '-M' ? moduleList(conf) : settingsList(conf))
      else await process.writeError('Syntax OK\n')
      return 0
    }
    const server = `Apache/${version} (Unix)`
    const stop = new Latch<string>()
    for (const signal of ['TERM', 'WINCH'] as const) process.onSignal(signal, () => stop.open(signal))
    process.setMemory(8 * 1024 * 1024)
    const listeners: ReturnType<typeof serveInProcess>[] = []
    const serve = (port: number): ReturnType<typeof serveInProcess> =>
      serveInProcess(process, port, async (req, res): Promise<void> => {
        await process.compute(0.15)
        await respond(process, conf, server, req, res)
      })
    for (const port of conf.ports) {
      try {
        listeners.push(serve(port))
      } catch (error) {
        if (!isAddressInUse(error)) throw error
        await process.writeError(
          `(98)Address already in use: AH00072: make_sock: could not bind to address 0.0.0.0:${port}\nno listening sockets available, shutting down\nAH00015: Unable to open logs\n`,
        )
        return 1
      }
    }
    await apacheStart(process, server, 'mpm_event', 'httpd -D FOREGROUND', conf.serverName !== undefined)
    const signal = await stop.wait(process)
    for (const listener of listeners) listener.close()
    const what = signal === 'TERM' ? 'AH00491: caught SIGTERM, shutting down' : 'AH00492: caught SIGWINCH, shutting down gracefully'
    await process.writeError(`[${apacheTime(process)}] [mpm_event:notice] [pid 1:tid 1] ${what}\n`)
    return 0
  }

const RELEASES: Releases = [
  ['2.2', 34],
  ['2.4', 65],
]

export const httpd: ImageFamily = {
  repositories: ['docker.io/library/httpd', 'public.ecr.aws/docker/library/httpd'],
  tags: tagsOf(RELEASES, ['alpine']),
  tag(tag) {
    const found = versionOf(tag, RELEASES)
    if (!found || !/^(alpine(3\.\d+)?|bookworm|trixie|bullseye)?$/.test(found.variant)) return undefined
    const alpine = found.variant.startsWith('alpine')
    return {
      cmd: ['httpd-foreground'],
      env: {
        HTTPD_PREFIX: '/usr/local/apache2',
        HTTPD_VERSION: found.version,
        PATH: '/usr/local/apache2/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      },
      workingDir: '/usr/local/apache2',
      exposedPorts: [80],
      size: alpine ? 22_000_000 : 45_000_000,
      baseMemory: 4_000_000,
      files: () => ({
        ...(alpine ? alpineTree('3.22.2') : debianTree('bookworm')),
        '/usr/local/bin/httpd-foreground': { program: program(found.version) },
        '/usr/local/apache2/bin/ab': { program: networkPrograms['ab']! },
        '/usr/local/apache2/bin/httpd': { program: program(found.version) },
        '/usr/local/apache2/bin/apachectl': { program: program(found.version) },
        '/usr/local/apache2/bin/htpasswd': { program: htpasswd() },
        '/usr/local/apache2/conf/httpd.conf': PACKAGED_CONF,
        [`${ROOT}/index.html`]: '<html><body><h1>It works!</h1></body></html>\n',
        '/usr/local/apache2/logs': { directory: true },
      }),
    }
  },
}
