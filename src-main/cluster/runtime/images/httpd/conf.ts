/** httpd.conf: what Apache's server reads of it, and how it tells what is wrong. https://httpd.apache.org/docs/2.4/mod/directives.html */
import type { Process } from '../../process.js'

export const SERVER_ROOT = '/usr/local/apache2'
const CONF = `${SERVER_ROOT}/conf/httpd.conf`

/** What the server works with. */
export interface HttpdConf {
  readonly ports: readonly number[]
  readonly documentRoot: string
  readonly serverName: string | undefined
  readonly index: readonly string[]
  /** As `-M` lists them: `alias_module`. */
  readonly modules: readonly string[]
  /** All directives and sections, in the order of the file. */
  readonly nodes: readonly Node[]
}

/** A directive, or a section with what is in it. */
export interface Node {
  /** In small letters. */
  readonly name: string
  readonly args: readonly string[]
  readonly line: number
  readonly children?: Node[]
  /** As it is written, and the file, for one of a .htaccess file. */
  readonly written?: string
  readonly file?: string
}

/** Directives of the modules that the packaged file loads, in small letters. */
const KNOWN = new Set(
  'accessfilename addcharset adddefaultcharset addencoding addhandler addicon addiconbyencoding addiconbytype addlanguage addoutputfilter addoutputfilterbytype addtype alias aliasmatch allow allowoverride allowoverridelist authbasicprovider authname authtype authuserfile authgroupfile browsermatch contentdigest customlog define defaulticon defaulttype deny directoryindex directoryslash documentroot enablemmap enablesendfile errordocument errorlog errorlogformat expiresactive expiresbytype expiresdefault extendedstatus fallbackresource fileetag forcetype group header headername hostnamelookups include includeoptional indexignore indexoptions keepalive keepalivetimeout languagepriority limitrequestbody limitrequestfields limitrequestfieldsize limitrequestline listen loadmodule logformat loglevel maxconnectionsperchild maxkeepaliverequests maxrequestworkers maxsparethreads minsparethreads mimemagicfile mutex namevirtualhost options order passenv pidfile proxyadderrors proxypass proxypassmatch proxypassreverse proxypreservehost proxyrequests readmename redirect redirectmatch redirectpermanent redirecttemp remoteipheader remoteiptrustedproxy requestheader require rewritebase rewritecond rewriteengine rewritemap rewriteoptions rewriterule satisfy scriptalias scriptaliasmatch scriptsock serveradmin serveralias serverlimit servername serverpath serverroot serversignature servertokens setenv setenvif setenvifnocase sethandler setinputfilter setoutputfilter sslcertificatefile sslcertificatekeyfile sslcipherSuite sslengine sslprotocol sslrandomseed startservers threadlimit threadsperchild timeout traceenable typesconfig undefine unsetenv usecanonicalname user'
    .toLowerCase()
    .split(' '),
)
/** The modules that bring directives which the packaged file does not load, and others that may be left out. */
const MODULE_OF: readonly (readonly [RegExp, string])[] = [
  [/^rewrite/, 'rewrite_module'],
  [/^proxy/, 'proxy_module'],
  [/^ssl/, 'ssl_module'],
  [/^expires/, 'expires_module'],
  [/^remoteip/, 'remoteip_module'],
  [/^(alias|aliasmatch|redirect.*|scriptalias.*)$/, 'alias_module'],
  [/^(header|requestheader)$/, 'headers_module'],
  [/^(directoryindex|directoryslash|fallbackresource)$/, 'dir_module'],
  [/^(order|allow|deny|satisfy)$/, 'access_compat_module'],
  [/^(authuserfile)$/, 'authn_file_module'],
  [/^authgroupfile$/, 'authz_groupfile_module'],
  [/^authbasicprovider$/, 'auth_basic_module'],
  [/^(setenv|passenv|unsetenv)$/, 'env_module'],
  [/^(setenvif.*|browsermatch)$/, 'setenvif_module'],
]

/** Whether a module that has a directive is loaded. */
const isLoaded = (name: string, modules: readonly string[]): boolean => {
  const needed = MODULE_OF.find(([pattern]) => pattern.test(name))?.[1]
  return needed === undefined || modules.includes(needed)
}

const SECTIONS = new Set('directory directorymatch else elseif files filesmatch if ifdefine ifmodule ifversion limit limitexcept location locationmatch proxy proxymatch requireall requireany requirenone virtualhost'.split(' ')) // prettier-ignore

/** The lines of a .htaccess file, as directives. */
export function readLines(text: string, file: string): Node[] {
  return text.split('\n').flatMap((line, i) => {
    const [directive = '', ...args] = [...line.trim().matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!)
    return directive === '' || directive.startsWith('#') || directive.startsWith('<')
      ? []
      : [{ name: directive.toLowerCase(), args, line: i + 1, written: directive, file }]
  })
}

/** Whether a server of the packaged modules knows a directive. */
export const isKnown = (name: string, modules: readonly string[]): boolean => KNOWN.has(name) && isLoaded(name, modules)

/** Reads the configuration; a text is what the server says of one that it cannot read, and ends with. */
export function readConf(process: Process, program: string): HttpdConf | string {
  let text: string
  try {
    text = process.fs.readText(CONF)
  } catch {
    return `${program}: Could not open configuration file ${CONF}: No such file or directory\n`
  }
  const ports: number[] = []
  const modules: string[] = []
  const open: { name: string; written: string; line: number; into: Node[]; skipped: boolean }[] = []
  const nodes: Node[] = []
  let [documentRoot, serverName, index] = [`${SERVER_ROOT}/htdocs`, undefined as string | undefined, ['index.html']]
  const wrong = (line: number, why: string): string => `AH00526: Syntax error on line ${line} of ${CONF}:\n${why}\n`
  for (const [i, line] of text.split('\n').entries()) {
    const words = [...line.trim().matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!)
    const [directive = '', ...args] = words
    if (directive === '' || directive.startsWith('#')) continue
    const name = directive.toLowerCase()
    if (name.startsWith('</')) {
      const ended = name.slice(2).replace('>', '')
      const last = open.pop()
      if (last?.name !== ended)
        return wrong(i + 1, last ? `Expected </${last.written}> but saw ${directive}` : `${directive} without matching <${ended}> section`)
      continue
    }
    if (name.startsWith('<')) {
      const begun = name.slice(1).replace('>', '')
      if (!SECTIONS.has(begun)) return wrong(i + 1, unknown(directive))
      const given = args.map((arg) => arg.replace(/>$/, '')).filter(Boolean)
      if (begun === 'proxy' && !modules.includes('proxy_module')) return wrong(i + 1, unknown(directive))
      const [asked = ''] = given
      const there = modules.includes(asked.replace(/^!/, '').replace(/^mod_(.*)\.c$/, '$1_module'))
      const around = open.at(-1)
      // <IfModule> and <IfDefine> are as if they were not there, or left out.
      const transparent = begun === 'ifmodule' || begun === 'ifdefine' || begun === 'ifversion'
      const skipped =
        (around?.skipped ?? false) ||
        (begun === 'ifmodule' && there === asked.startsWith('!')) ||
        (begun === 'ifdefine' && !asked.startsWith('!'))
      const section: Node = { name: begun, args: given, line: i + 1, children: [] }
      const into = around?.into ?? nodes
      if (!transparent && !skipped) into.push(section)
      open.push({
        name: begun,
        written: directive.slice(1).replace('>', ''),
        line: i + 1,
        into: transparent ? into : section.children!,
        skipped,
      })
      continue
    }
    if (open.at(-1)?.skipped) continue
    if (!KNOWN.has(name) || !isLoaded(name, modules)) return wrong(i + 1, unknown(directive))
    ;(open.at(-1)?.into ?? nodes).push({ name, args, line: i + 1 })
    // What a section says is about a part of the site, or another one.
    if (open.some((section) => !section.name.startsWith('if'))) continue
    const [first = ''] = args
    if (name === 'listen') {
      const port = Number(/(?:^|:)(\d+)$/.exec(first)?.[1])
      if (args.length === 0 || !(port > 0 && port < 65_536)) return wrong(i + 1, args.length === 0 ? "'Listen' requires at least one argument, A port number or a numeric IP address and a port number, and an optional protocol" : 'Port must be specified') // prettier-ignore
      ports.push(port)
    } else if (name === 'documentroot') {
      const path = first.startsWith('/') ? first : `${SERVER_ROOT}/${first}`
      if (!process.fs.exists(path)) return wrong(i + 1, `DocumentRoot '${path}' is not a directory, or is not readable`)
      documentRoot = path.replace(/\/$/, '')
    } else if (name === 'servername') serverName = first
    else if (name === 'directoryindex') index = args
    else if (name === 'loadmodule') modules.push(first)
  }
  const left = open.at(-1)
  if (left) return wrong(left.line, `<${left.written}> was not closed.`)
  if (ports.length === 0) return 'no listening sockets available, shutting down\nAH00015: Unable to open logs\n'
  return { ports, documentRoot, serverName, index, modules, nodes }
}

const unknown = (directive: string): string =>
  `Invalid command '${directive}', perhaps misspelled or defined by a module not included in the server configuration`

/** The modules that the packaged file loads. */
const MODULES = 'mpm_event authn_file authn_core authz_host authz_groupfile authz_user authz_core access_compat auth_basic reqtimeout filter mime log_config env headers setenvif version unixd status autoindex dir alias'.split(' ') // prettier-ignore

/** The configuration of the image. */
export const PACKAGED_CONF = `ServerRoot "${SERVER_ROOT}"
Listen 80
${MODULES.map((name) => `LoadModule ${name}_module modules/mod_${name}.so`).join('\n')}
<IfModule unixd_module>
User www-data
Group www-data
</IfModule>
ServerAdmin you@example.com
<Directory />
    AllowOverride none
    Require all denied
</Directory>
DocumentRoot "${SERVER_ROOT}/htdocs"
<Directory "${SERVER_ROOT}/htdocs">
    Options Indexes FollowSymLinks
    AllowOverride None
    Require all granted
</Directory>
<IfModule dir_module>
    DirectoryIndex index.html
</IfModule>
<Files ".ht*">
    Require all denied
</Files>
ErrorLog /proc/self/fd/2
LogLevel warn
<IfModule log_config_module>
    LogFormat "%h %l %u %t \\"%r\\" %>s %b" common
    CustomLog /proc/self/fd/1 common
</IfModule>
<IfModule mime_module>
    TypesConfig conf/mime.types
</IfModule>
`

/** What `-M` prints. */
export function moduleList({ modules }: HttpdConf): string {
  const own = ['core_module', 'so_module', 'http_module'].map((name) => ` ${name} (static)\n`)
  return `Loaded Modules:\n${own.join('')}${modules.map((name) => ` ${name} (shared)\n`).join('')}`
}

/** What `-S` prints. */
export function settingsList({ documentRoot, nodes, ports }: HttpdConf): string {
  const hosts = nodes.filter(({ name }) => name === 'virtualhost')
  const named = (host: Node): string => host.children!.find(({ name }) => name === 'servername')?.args[0] ?? 'localhost'
  const lines = [...new Set(hosts.map(({ args }) => args[0] ?? '*'))].flatMap((where) => {
    const here = hosts.filter(({ args }) => args[0] === where)
    const shown = where.includes(':') ? where : `${where}:${ports[0]}`
    const at = (host: Node): string => `(${CONF}:${host.line})`
    if (here.length === 1) return [`${shown.padEnd(22)} ${named(here[0]!)} ${at(here[0]!)}\n`]
    const port = shown.split(':').at(-1)
    return [
      `${shown.padEnd(22)} is a NameVirtualHost\n         default server ${named(here[0]!)} ${at(here[0]!)}\n`,
      ...here.map((host) => {
        const aliases = host.children!.filter(({ name }) => name === 'serveralias').flatMap(({ args }) => args)
        return `         port ${port} namevhost ${named(host)} ${at(host)}\n${aliases.map((alias) => `                 alias ${alias}\n`).join('')}`
      }),
    ]
  })
  return `VirtualHost configuration:\n${lines.join('')}ServerRoot: "${SERVER_ROOT}"\nMain DocumentRoot: "${documentRoot}"\nMain ErrorLog: "/proc/self/fd/2"\nMutex default: dir="${SERVER_ROOT}/logs/" mechanism=default \nPidFile: "${SERVER_ROOT}/logs/httpd.pid"\nDefine: DUMP_VHOSTS\nDefine: DUMP_RUN_CFG\nUser: name="www-data" id=33 not_used\nGroup: name="www-data" id=33 not_used\n`
}
