/** redis: an in-memory store with its data in /data. */
import type { ImageFamily } from '../image.js'
import type { Program } from '../../process.js'
import { resolveProgram } from '../../program-file.js'
import { taskOf, type Task } from '../../task.js'
import { tagsOf, versionOf, type Releases } from '../tags.js'
import { alpineTree, debianTree } from '../userland.js'
import { redisCli } from './cli.js'
import { redisServer } from './server.js'

const RELEASES: Releases = [
  ['2.8', 23],
  ['3.0', 7],
  ['3.2', 12],
  ['4.0', 14],
  ['5.0', 14],
  ['6.0', 20],
  ['6.2', 20],
  ['7.0', 15],
  ['7.2', 11],
  ['7.4', 6],
  ['8.0', 4],
  ['8.2', 2],
]

const REDIS_USER = { name: 'redis', id: 999, home: '/home/redis', shell: '/bin/sh' }

/** Gives the user redis what lies in the working directory, and goes on as that user. */
function dropRoot(task: Task): void {
  const { id } = REDIS_USER
  const { fs, cwd } = task
  for (const path of [cwd, ...fs.readdir(cwd).map((name) => `${cwd.replace(/\/$/, '')}/${name}`)]) {
    try {
      fs.chown(path, id, id)
    } catch {
      // What is read-only stays as it is.
    }
  }
  task.gid = id
  task.groups = [id]
  task.uid = id
}

/** Arguments that begin with a dash or end in .conf belong to redis-server; anything else is a command. */
const entrypoint: Program = async (process) => {
  const task = taskOf(process)
  const [first = 'redis-server', ...rest] = process.argv.slice(1)
  const argv = first.startsWith('-') || first.endsWith('.conf') ? ['redis-server', first, ...rest] : [first, ...rest]
  const found = resolveProgram(task, argv, { path: process.env['PATH'] })
  if (argv[0] === 'redis-server' && task.uid === 0) dropRoot(task)
  return task.exec(found.program, found.argv, process.env)
}

export const redis: ImageFamily = {
  repositories: ['docker.io/library/redis', 'registry.k8s.io/redis', 'docker.io/bitnami/redis', 'public.ecr.aws/docker/library/redis'],
  tags: tagsOf(RELEASES, ['alpine']),
  tag(tag) {
    // The guestbook of the Kubernetes documentation asks for this one.
    const found = tag === 'e2e' ? { version: '2.8.19', variant: '' } : versionOf(tag, RELEASES)
    if (!found || !/^(alpine(3\.\d+)?|bookworm|bullseye|trixie)?$/.test(found.variant)) return undefined
    const { version, variant } = found
    const accounts = [REDIS_USER]
    return {
      entrypoint: ['docker-entrypoint.sh'],
      cmd: ['redis-server'],
      env: { REDIS_VERSION: version },
      workingDir: '/data',
      exposedPorts: [6379],
      size: variant.startsWith('alpine') ? 13_000_000 : 46_000_000,
      baseMemory: 3_000_000,
      files: () => ({
        ...(variant.startsWith('alpine') ? alpineTree('3.22.2', { accounts }) : debianTree('bookworm', { accounts })),
        '/usr/local/bin/docker-entrypoint.sh': { program: entrypoint },
        '/usr/local/bin/redis-server': { program: redisServer(version) },
        '/usr/local/bin/redis-cli': { program: redisCli(version) },
        '/data': { directory: true, uid: REDIS_USER.id, gid: REDIS_USER.id },
      }),
    }
  },
}

/** The followers of the guestbook tutorial: redis that follows the Service `redis-leader`. */
const followLeader: Program = async (process) => {
  const task = taskOf(process)
  const { REDIS_LEADER_SERVICE_HOST: fromEnv, GET_HOSTS_FROM: from } = process.env
  const leader = from === 'env' && fromEnv ? fromEnv : 'redis-leader'
  const found = resolveProgram(task, ['redis-server', '--slaveof', leader, '6379'], { path: process.env['PATH'] })
  return task.exec(found.program, found.argv, process.env)
}

export const redisFollower: ImageFamily = {
  repositories: ['us-docker.pkg.dev/google-samples/containers/gke/gb-redis-follower', 'gcr.io/google_samples/gb-redis-follower'],
  tags: ['v2', 'v1'],
  tag(tag) {
    if (!/^v[12]$/.test(tag)) return undefined
    const base = redis.tag('6.0.5')!
    return { ...base, cmd: ['/run.sh'], files: () => ({ ...base.files(), '/run.sh': { program: followLeader } }) }
  },
}
