// Errors of the network in the words of Node.js.
const numbers = {
  ECONNREFUSED: -111,
  EHOSTUNREACH: -113,
  ENETUNREACH: -101,
  ETIMEDOUT: -110,
  ECONNRESET: -104,
  EADDRINUSE: -98,
  ENOTFOUND: -3008,
  EAI_AGAIN: -3001,
}

/** @param failure what the host tells: code, message, and the address that was tried */
exports.connectionError = (failure, name, port) => {
  const { code, message, address } = failure
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return Object.assign(new Error(`getaddrinfo ${code} ${name}`), { errno: numbers[code], code, syscall: 'getaddrinfo', hostname: name })
  if (code === 'ECONNRESET') return Object.assign(new Error('socket hang up'), { code })
  if (!(code in numbers)) return Object.assign(new Error(message), code ? { code } : {})
  return Object.assign(new Error(`connect ${code} ${address ?? name}:${port}`), {
    errno: numbers[code],
    code,
    syscall: 'connect',
    address: address ?? name,
    port,
  })
}

exports.listenError = (error, address, port) => {
  const { code } = error
  const text = code === 'EADDRINUSE' ? 'address already in use' : error.message
  return Object.assign(new Error(`listen ${code}: ${text} ${address}:${port}`), {
    code,
    errno: numbers[code] ?? -1,
    syscall: 'listen',
    address,
    port,
  })
}
