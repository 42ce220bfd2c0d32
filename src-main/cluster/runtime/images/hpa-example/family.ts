/** registry.k8s.io/hpa-example: a PHP page that computes a million square roots per request. */
import type { ImageFamily } from '../image.js'
import type { Program } from '../../process.js'
import { Latch, isAddressInUse, serveInProcess } from '../server-process.js'
import { debianTree } from '../userland.js'
import { apacheStart, commonLog } from '../httpd/apache.js'

/** CPU milliseconds of index.php. */
const CPU_PER_REQUEST = 65

const program: Program = async (process) => {
  const stop = new Latch<number>()
  for (const signal of ['TERM', 'WINCH', 'INT'] as const) process.onSignal(signal, () => stop.open(0))
  process.setMemory(12 * 1024 * 1024)
  try {
    serveInProcess(process, 80, async (req, res) => {
      req.resume()
      await process.compute(CPU_PER_REQUEST)
      res.writeHead(200, {
        Server: 'Apache/2.4.10 (Debian) PHP/5.6.14',
        'X-Powered-By': 'PHP/5.6.14',
        'Content-Type': 'text/html; charset=UTF-8',
        'Content-Length': 3,
      })
      res.end('OK!')
      await process.write(commonLog(process, req, 200, 3, true))
    })
  } catch (error) {
    if (!isAddressInUse(error)) throw error
    await process.writeError('(98)Address already in use: AH00072: make_sock: could not bind to address 0.0.0.0:80\n')
    return 1
  }
  await apacheStart(process, 'Apache/2.4.10 (Debian) PHP/5.6.14', 'mpm_prefork', 'apache2 -D FOREGROUND')
  return stop.wait(process)
}

const PAGE = '<?php\n  $x = 0.0001;\n  for ($i = 0; $i <= 1000000; $i++) {\n    $x += sqrt($x);\n  }\n  echo "OK!";\n?>\n'

export const hpaExample: ImageFamily = {
  repositories: ['registry.k8s.io/hpa-example', 'k8s.gcr.io/hpa-example', 'gcr.io/google_containers/hpa-example'],
  tags: ['latest'],
  tag: (tag) =>
    tag === 'latest'
      ? {
          cmd: ['apache2-foreground'],
          exposedPorts: [80],
          workingDir: '/var/www/html',
          size: 196_000_000,
          baseMemory: 8_000_000,
          files: () => ({
            ...debianTree('jessie', { tools: ['curl'] }),
            '/usr/local/bin/apache2-foreground': { program },
            '/var/www/html/index.php': PAGE,
          }),
        }
      : undefined,
}
