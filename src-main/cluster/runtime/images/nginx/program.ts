/** The nginx binary: its command line, `-t`, `-s`, `-v`. */
import { nullDevice } from '../../devices.js'
import type { Process, Program, Signal } from '../../process.js'
import { external } from '../../programs/net/connection.js'
import { taskOf, type Task } from '../../task.js'
import { ConfigError } from './conf.js'
import { Master } from './master.js'
import type { HttpConfig } from './model.js'
import { loadCertificates, type Certificates } from './tls.js'
import { emerg, load, timestamp, type NginxVersion, type Options } from './startup.js'

const USAGE = `Usage: nginx [-?hvVtTq] [-s signal] [-p prefix]
             [-e filename] [-c filename] [-g directives]

Options:
  -?,-h         : this help
  -v            : show version and exit
  -V            : show version and configure options then exit
  -t            : test configuration and exit
  -T            : test configuration, dump it and exit
  -q            : suppress non-error messages during configuration testing
  -s signal     : send signal to a master process: stop, quit, reopen, reload
  -p prefix     : set prefix path (default: /etc/nginx/)
  -e filename   : set error log file (default: /var/log/nginx/error.log)
  -c filename   : set configuration file (default: /etc/nginx/nginx.conf)
  -g directives : set global directives out of configuration file

`

/** The program of one version. */
export function nginxProgram(about: NginxVersion): Program {
  return async (process) => {
    const options: Options = {
      conf: '/etc/nginx/nginx.conf',
      prefix: '/etc/nginx',
      globals: '',
      test: false,
      dump: false,
      quiet: false,
      signal: undefined,
    }
    const args = process.argv.slice(1)
    for (let arg = args.shift(); arg !== undefined; arg = args.shift()) {
      const option = arg.slice(0, 2)
      const value = (): string => (arg!.length > 2 ? arg!.slice(2) : (args.shift() ?? ''))
      if (!arg.startsWith('-')) return invalidOption(process, arg)
      if (option === '-v' || option === '-V') {
        await process.writeError(`nginx version: nginx/${about.version}\n`)
        if (option === '-V')
          await process.writeError(`built by ${about.compiler} \nTLS SNI support enabled\nconfigure arguments: --prefix=/etc/nginx\n`)
        return 0
      }
      if (option === '-?' || option === '-h') {
        await process.writeError(`nginx version: nginx/${about.version}\n${USAGE}`)
        return 0
      }
      if (option === '-t' || option === '-T') {
        options.test = true
        options.dump = option === '-T'
      } else if (option === '-q') options.quiet = true
      else if (option === '-c') options.conf = value()
      else if (option === '-p') options.prefix = value().replace(/\/$/, '')
      else if (option === '-g') options.globals = value()
      else if (option === '-e') value()
      else if (option === '-s') {
        options.signal = value()
        if (!['stop', 'quit', 'reopen', 'reload'].includes(options.signal)) {
          await process.writeError(`nginx: invalid option: "-s ${options.signal}"\n`)
          return 1
        }
      } else return invalidOption(process, arg)
    }
    if (!options.conf.startsWith('/')) options.conf = `${options.prefix}/${options.conf}`
    let config: HttpConfig
    let certificates: Certificates
    try {
      config = await load(process, options)
      certificates = loadCertificates(process, config)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      await emerg(process, error.message)
      if (options.test) await process.writeError(`nginx: configuration file ${options.conf} test failed\n`)
      return 1
    }
    if (options.test) return test(process, options)
    if (options.signal) return sendSignal(process, config, options.signal)
    const master = (own: Process): Master => new Master(own, about, options, config, certificates)
    return config.daemon ? daemonize(taskOf(process), master) : master(process).run()
  }
}

/**
 * Goes on in the background, which is nginx' way without `daemon off;`: the process itself ends as soon as the ports are
 * open, and with it a container that it is the first process of.
 */
function daemonize(task: Task, master: (own: Process) => Master): Promise<number> {
  const started = new Promise<number>((resolve) => {
    task.fork(async (child) => {
      child.newSession()
      const status = await master(child).run(() => {
        // Its logs are open by now.
        for (const descriptor of [0, 1]) child.setDescriptor(descriptor, nullDevice())
        resolve(0)
      })
      resolve(status)
      return status
    })
  })
  return external(task, started)
}

async function invalidOption(process: Process, option: string): Promise<number> {
  await process.writeError(`nginx: invalid option: "${option}"\n`)
  return 1
}

async function test(process: Process, options: Options): Promise<number> {
  if (!options.quiet || options.dump) {
    await process.writeError(
      `nginx: the configuration file ${options.conf} syntax is ok\nnginx: configuration file ${options.conf} test is successful\n`,
    )
  }
  if (options.dump) await process.write(`# configuration file ${options.conf}:\n${process.fs.readText(options.conf)}\n`)
  return 0
}

async function sendSignal(process: Process, config: HttpConfig, command: string): Promise<number> {
  const signals: Record<string, Signal> = { stop: 'TERM', quit: 'QUIT', reopen: 'USR1', reload: 'HUP' }
  let pid: number
  try {
    pid = Number(process.fs.readText(config.pid).trim())
  } catch {
    await process.writeError(`nginx: [error] open() "${config.pid}" failed (2: No such file or directory)\n`)
    return 1
  }
  await process.writeError(`${timestamp(process)} [notice] ${process.pid}#${process.pid}: signal process started\n`)
  try {
    process.kill(pid, signals[command]!)
  } catch {
    await process.writeError(
      `nginx: [error] kill(${pid}, ${{ TERM: 15, QUIT: 3, USR1: 10, HUP: 1 }[signals[command] as 'TERM']}) failed (3: No such process)\n`,
    )
    return 1
  }
  return 0
}
