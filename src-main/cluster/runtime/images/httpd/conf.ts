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
}

/** Directives of the modules that the packaged file loads, in small letters. */
const KNOWN = new Set(
  'accessfilename addcharset adddefaultcharset addencoding addhandler addicon addiconbyencoding addiconbytype addlanguage addoutputfilter addoutputfilterbytype addtype alias aliasmatch allow allowoverride allowoverridelist authbasicprovider authname authtype authuserfile authgroupfile browsermatch contentdigest customlog define defaulticon defaulttype deny directoryindex directoryslash documentroot enablemmap enablesendfile errordocument errorlog errorlogformat expiresactive expiresbytype expiresdefault extendedstatus fallbackresource fileetag forcetype group header headername hostnamelookups include includeoptional indexignore indexoptions keepalive keepalivetimeout languagepriority limitrequestbody limitrequestfields limitrequestfieldsize limitrequestline listen loadmodule logformat loglevel maxconnectionsperchild maxkeepaliverequests maxrequestworkers maxsparethreads minsparethreads mimemagicfile mutex namevirtualhost options order passenv pidfile proxyadderrors proxypass proxypassmatch proxypassreverse proxypreserverhost proxyrequests readmename redirect redirectmatch redirectpermanent redirecttemp remoteipheader remoteiptrustedproxy requestheader require rewritebase rewritecond rewriteengine rewritemap rewriteoptions rewriterule satisfy scriptalias scriptaliasmatch scriptsock serveradmin serveralias serverlimit servername serverpath serverroot serversignature servertokens setenv setenvif setenvifnocase sethandler setinputfilter setoutputfilter sslcertificatefile sslcertificatekeyfile sslcipherSuite sslengine sslprotocol sslrandomseed startservers threadlimit threadsperchild timeout traceenable typesconfig undefine unsetenv usecanonicalname user'
    .toLowerCase()
    .split(' '),
)
const SECTIONS = new Set('directory directorymatch else elseif files filesmatch if ifdefine ifmodule ifversion limit limitexcept location locationmatch proxy proxymatch requireall requireany requirenone virtualhost'.split(' ')) // prettier-ignore

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
  const open: { name: string; written: string; line: number }[] = []
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
      open.push({ name: begun, written: directive.slice(1).replace('>', ''), line: i + 1 })
      continue
    }
    if (!KNOWN.has(name)) return wrong(i + 1, unknown(directive))
    // What a section says is about a part of the site, or another one.
    if (open.some((section) => section.name !== 'ifmodule')) continue
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
  return { ports, documentRoot, serverName, index, modules }
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
export function settingsList({ documentRoot }: HttpdConf): string {
  return `VirtualHost configuration:\nServerRoot: "${SERVER_ROOT}"\nMain DocumentRoot: "${documentRoot}"\nMain ErrorLog: "/proc/self/fd/2"\nMutex default: dir="${SERVER_ROOT}/logs/" mechanism=default \nPidFile: "${SERVER_ROOT}/logs/httpd.pid"\nDefine: DUMP_VHOSTS\nDefine: DUMP_RUN_CFG\nUser: name="www-data" id=33 not_used\nGroup: name="www-data" id=33 not_used\n`
}
