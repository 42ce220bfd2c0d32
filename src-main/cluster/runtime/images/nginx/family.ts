/** nginx, the official image. */
import type { Image, ImageFamily, ImageFile } from '../image.js'
import type { Program } from '../../process.js'
import { taskOf } from '../../task.js'
import { tagsOf, versionOf, type Releases } from '../tags.js'
import { alpineTree, debianTree } from '../userland.js'
import { mimeTypes, serverErrorPage, welcomePage } from './pages.js'
import { nginxProgram } from './program.js'

const RELEASES: Releases = [
  ['1.7', 12],
  ['1.8', 1],
  ['1.9', 15],
  ['1.10', 3],
  ['1.11', 13],
  ['1.12', 2],
  ['1.13', 12],
  ['1.14', 2],
  ['1.15', 12],
  ['1.16', 1],
  ['1.17', 10],
  ['1.18', 0],
  ['1.19', 10],
  ['1.20', 2],
  ['1.21', 6],
  ['1.22', 1],
  ['1.23', 4],
  ['1.24', 0],
  ['1.25', 5],
  ['1.26', 3],
  ['1.27', 5],
  ['1.28', 3],
  ['1.29', 7],
]
const STABLE = '1.28'
/** The Debian release below each version, newest first. */
const BASES = [
  { from: 29, codename: 'trixie', compiler: 'gcc 14.2.0 (Debian 14.2.0-19)' },
  { from: 25, codename: 'bookworm', compiler: 'gcc 12.2.0 (Debian 12.2.0-14)' },
  { from: 21, codename: 'bullseye', compiler: 'gcc 10.2.1 20210110 (Debian 10.2.1-6)' },
  { from: 17, codename: 'buster', compiler: 'gcc 8.3.0 (Debian 8.3.0-6)' },
  { from: 11, codename: 'stretch', compiler: 'gcc 6.3.0 20170516 (Debian 6.3.0-18+deb9u1)' },
  { from: 0, codename: 'jessie', compiler: 'gcc 4.9.2 (Debian 4.9.2-10)' },
] as const
const VARIANT = /^(alpine(3\.\d+)?(-(slim|perl|otel))?|perl|otel|(trixie|bookworm|bullseye|buster)(-(perl|otel))?)?$/
const NAMED = /^(mainline|stable)(?:-(.*))?$/

function resolveTag(tag: string): { version: string; variant: string } | undefined {
  const named = NAMED.exec(tag)
  if (named) {
    const base = versionOf(named[1] === 'stable' ? STABLE : 'latest', RELEASES)!
    return { version: base.version, variant: named[2] ?? '' }
  }
  return versionOf(tag, RELEASES)
}

/** The image's entrypoint script, as one program: prepares the configuration when nginx is to start, then becomes the command. */
function entrypoint(version: string, nginx: Program): Program {
  const [, minor = 0, patch = 0] = version.split('.').map(Number)
  return async (process) => {
    const [, name = 'nginx', ...rest] = process.argv
    const task = taskOf(process)
    if (name !== 'nginx') {
      const child = await process.spawn({ argv: [name, ...rest] })
      return child.wait()
    }
    const conf = '/etc/nginx/conf.d/default.conf'
    const say = (line: string): Promise<void> => process.write(`/docker-entrypoint.sh: ${line}\n`)
    await say('/docker-entrypoint.d/ is not empty, will attempt to perform configuration')
    await say('Looking for shell scripts in /docker-entrypoint.d/')
    await say('Launching /docker-entrypoint.d/10-listen-on-ipv6-by-default.sh')
    await process.write(await ipv6(conf))
    if (minor > 23 || (minor === 23 && patch >= 4)) await say('Sourcing /docker-entrypoint.d/15-local-resolvers.envsh')
    await say('Launching /docker-entrypoint.d/20-envsubst-on-templates.sh')
    envsubst()
    if (minor > 19 || patch >= 7) await say('Launching /docker-entrypoint.d/30-tune-worker-processes.sh')
    await say('Configuration complete; ready for start up')
    return task.exec(nginx, ['nginx', ...rest], process.env)

    async function ipv6(path: string): Promise<string> {
      const script = '10-listen-on-ipv6-by-default.sh: info:'
      if (!process.fs.exists(path)) return `${script} ${path} is not a file or does not exist\n`
      const text = process.fs.readText(path)
      if (text !== defaultConf())
        return `${script} ${path} differs from the packaged version\n`.replace(
          'info:',
          'info: Getting the checksum of ' + path + `\n${script}`,
        )
      try {
        process.fs.writeFile(path, text.replace('listen       80;', 'listen       80;\n    listen  [::]:80;'))
      } catch {
        return `${script} can not modify ${path} (read-only file system?)\n`
      }
      return `${script} Getting the checksum of ${path}\n${script} Enabled listen on IPv6 in ${path}\n`
    }

    /** /etc/nginx/templates/*.template with ${VARIABLES} of the environment become /etc/nginx/conf.d/*. */
    function envsubst(): void {
      const templates = '/etc/nginx/templates'
      if (!process.fs.exists(templates)) return
      for (const file of process.fs.readdir(templates)) {
        if (!file.endsWith('.template')) continue
        const text = process.fs.readText(`${templates}/${file}`)
        const filled = text.replace(
          /\$\{(\w+)\}|\$(\w+)/g,
          (whole, braced?: string, bare?: string) => process.env[braced ?? bare ?? ''] ?? whole,
        )
        process.fs.writeFile(`/etc/nginx/conf.d/${file.slice(0, -'.template'.length)}`, filled)
      }
    }
  }
}

function mainConf(minor: number): string {
  return `
user  nginx;
worker_processes  ${minor >= 19 ? 'auto' : '1'};

error_log  /var/log/nginx/error.log ${minor >= 21 ? 'notice' : 'warn'};
pid        /run/nginx.pid;


events {
    worker_connections  1024;
}


http {
    include       /etc/nginx/mime.types;
    default_type  application/octet-stream;

    log_format  main  '$remote_addr - $remote_user [$time_local] "$request" '
                      '$status $body_bytes_sent "$http_referer" '
                      '"$http_user_agent" "$http_x_forwarded_for"';

    access_log  /var/log/nginx/access.log  main;

    sendfile        on;
    #tcp_nopush     on;

    keepalive_timeout  65;

    #gzip  on;

    include /etc/nginx/conf.d/*.conf;
}
`
}

function defaultConf(): string {
  return `server {
    listen       80;
    server_name  localhost;

    #access_log  /var/log/nginx/host.access.log  main;

    location / {
        root   /usr/share/nginx/html;
        index  index.html index.htm;
    }

    #error_page  404              /404.html;

    # redirect server error pages to the static page /50x.html
    #
    error_page   500 502 503 504  /50x.html;
    location = /50x.html {
        root   /usr/share/nginx/html;
    }
}

`
}

const NGINX_USER = { name: 'nginx', id: 101, home: '/nonexistent', shell: '/bin/false' }

function files(version: string, alpine: boolean): Record<string, ImageFile> {
  const minor = Number(version.split('.')[1])
  const base = BASES.find((b) => minor >= b.from)!
  const program = nginxProgram({ version, compiler: alpine ? 'gcc 14.2.0 (Alpine 14.2.0)' : base.compiler })
  const scripts = [
    '10-listen-on-ipv6-by-default.sh',
    '15-local-resolvers.envsh',
    '20-envsubst-on-templates.sh',
    '30-tune-worker-processes.sh',
  ]
  return {
    ...(alpine ? alpineTree('3.22.2', { accounts: [NGINX_USER] }) : debianTree(base.codename, { accounts: [NGINX_USER], tools: ['curl'] })),
    '/usr/sbin/nginx': { program },
    '/etc/nginx/nginx.conf': mainConf(minor),
    '/etc/nginx/mime.types': mimeTypes(),
    '/etc/nginx/conf.d/default.conf': defaultConf(),
    '/usr/share/nginx/html/index.html': welcomePage(minor),
    '/usr/share/nginx/html/50x.html': serverErrorPage(),
    '/var/log/nginx/access.log': { symlink: '/dev/stdout' },
    '/var/log/nginx/error.log': { symlink: '/dev/stderr' },
    '/var/cache/nginx': { directory: true, uid: NGINX_USER.id, gid: NGINX_USER.id },
    ...(minor >= 19
      ? {
          '/docker-entrypoint.sh': { program: entrypoint(version, program) },
          ...Object.fromEntries(
            scripts.map((name) => [
              `/docker-entrypoint.d/${name}`,
              { data: '#!/bin/sh\n# Runs as part of /docker-entrypoint.sh.\n', mode: 0o755 },
            ]),
          ),
        }
      : {}),
  }
}

/** Versions of registry.k8s.io/nginx-slim, of the StatefulSet tutorial, to those of nginx inside. */
const SLIM: Readonly<Record<string, string>> = {
  '0.8': '1.11.1',
  '0.9': '1.12.2',
  '0.20': '1.21.6',
  '0.21': '1.21.6',
  '0.24': '1.27.4',
  '0.26': '1.27.5',
  '0.27': '1.28.0',
}

export const nginxSlim: ImageFamily = {
  repositories: ['registry.k8s.io/nginx-slim', 'k8s.gcr.io/nginx-slim', 'gcr.io/google_containers/nginx-slim'],
  tags: Object.keys(SLIM).reverse(),
  tag: (tag) => (SLIM[tag] ? { ...nginx.tag(SLIM[tag])!, size: 26_000_000 } : undefined),
}

export const nginx: ImageFamily = {
  repositories: ['docker.io/library/nginx', 'public.ecr.aws/nginx/nginx', 'mirror.gcr.io/library/nginx'],
  tags: tagsOf(RELEASES, ['alpine']),
  tag(tag): Image | undefined {
    const found = resolveTag(tag)
    if (!found || !VARIANT.test(found.variant)) return undefined
    const { version, variant } = found
    const minor = Number(version.split('.')[1])
    const alpine = variant.startsWith('alpine')
    return {
      ...(minor >= 19 ? { entrypoint: ['/docker-entrypoint.sh'] } : {}),
      cmd: ['nginx', '-g', 'daemon off;'],
      env: { NGINX_VERSION: version, PKG_RELEASE: '1' },
      exposedPorts: [80],
      stopSignal: minor >= 9 ? 'QUIT' : 'TERM',
      size: alpine ? 21_000_000 : minor < 11 ? 38_000_000 : 62_000_000,
      baseMemory: 2_000_000,
      files: () => files(version, alpine),
    }
  },
}
