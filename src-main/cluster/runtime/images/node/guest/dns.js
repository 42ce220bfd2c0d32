// dns: names as the pod's resolv.conf and the cluster's DNS answer them.
const { connectionError } = require('internal/network-errors')
const { host } = kernel

function ask(name, done) {
  const id = kernel.open((kind, data) => {
    kernel.close(id)
    if (kind === 'error') done(connectionError(data, name))
    else done(null, data)
  })
  host.resolveName(id, name)
}
exports.lookup = (name, options, done = options) =>
  ask(name, (error, addresses) => {
    if (error) done(error)
    else if (options.all)
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )
    else done(null, addresses[0], addresses[0].includes(':') ? 6 : 4)
  })
exports.resolve4 = exports.resolve = (name, ...rest) => {
  const done = rest.at(-1)
  ask(name, (error, addresses) => {
    if (error)
      done(Object.assign(new Error(`queryA ENOTFOUND ${name}`), { errno: undefined, code: 'ENOTFOUND', syscall: 'queryA', hostname: name }))
    else done(null, addresses)
  })
}
const promised =
  (fn) =>
  (...args) =>
    new Promise((resolve, reject) =>
      fn(...args, (error, value, family) => (error ? reject(error) : resolve(family ? { address: value, family } : value))),
    )
exports.promises = { lookup: promised(exports.lookup), resolve: promised(exports.resolve), resolve4: promised(exports.resolve4) }
