// os: the simulated machine.
const { host, about } = kernel
module.exports = {
  EOL: '\n',
  hostname: () => about.hostname,
  platform: () => 'linux',
  type: () => 'Linux',
  release: () => about.kernelRelease,
  version: () => '#1 SMP',
  arch: () => 'x64',
  machine: () => 'x86_64',
  endianness: () => 'LE',
  homedir: () => process.env.HOME ?? '/root',
  tmpdir: () => process.env.TMPDIR ?? '/tmp',
  uptime: () => host.uptime(),
  loadavg: () => [0, 0, 0],
  totalmem: () => about.totalMemory,
  freemem: () => Math.floor(about.totalMemory / 2),
  availableParallelism: () => about.cpus,
  cpus: () =>
    Array.from({ length: about.cpus }, () => ({
      model: 'Drydock Virtual CPU',
      speed: 2400,
      times: { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 },
    })),
  networkInterfaces: () => ({
    lo: [{ address: '127.0.0.1', netmask: '255.0.0.0', family: 'IPv4', mac: '00:00:00:00:00:00', internal: true, cidr: '127.0.0.1/8' }],
    eth0: [
      { address: about.ip, netmask: '255.255.255.0', family: 'IPv4', mac: '02:42:ac:11:00:02', internal: false, cidr: `${about.ip}/24` },
    ],
  }),
  userInfo: () => ({
    uid: about.uid,
    gid: about.gid,
    username: about.uid === 0 ? 'root' : 'node',
    homedir: process.env.HOME ?? '/root',
    shell: '/bin/bash',
  }),
  constants: { signals: Object.fromEntries(Object.entries(about.signals).map(([name, n]) => [`SIG${name}`, n])) },
}
