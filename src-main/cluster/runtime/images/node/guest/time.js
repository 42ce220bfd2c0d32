// The time and randomness of the simulated machine; its time zone is UTC, as in a container.
const { host } = kernel
const Native = Date

function parse(value) {
  // A date without zone is local time, which is UTC here.
  const text = String(value)
  if (/^\d{4}-\d\d-\d\dT[\d:.]+$/.test(text)) return Native.parse(`${text}Z`)
  const withZone = /(?:Z|[+-]\d\d:?\d\d|GMT|UTC)\s*(?:\(.*\))?$/i.test(text) || /^\d{4}(-\d\d){0,2}$/.test(text)
  return Native.parse(withZone ? text : `${text} UTC`)
}

function VirtualDate(...args) {
  if (!new.target) return new VirtualDate().toString()
  const [first] = args
  let ms = first
  if (args.length === 0) ms = host.now()
  else if (args.length > 1) ms = Native.UTC(...args)
  else if (first instanceof Native) ms = first.getTime()
  else if (typeof first === 'string') ms = parse(first)
  return Reflect.construct(Native, [ms], new.target)
}
VirtualDate.prototype = Native.prototype
VirtualDate.now = () => host.now()
VirtualDate.UTC = Native.UTC
VirtualDate.parse = parse
const proto = Native.prototype
Object.defineProperty(proto, 'constructor', { value: VirtualDate, writable: true, configurable: true })
for (const part of ['FullYear', 'Month', 'Date', 'Hours', 'Minutes', 'Seconds', 'Milliseconds', 'Day']) {
  proto[`get${part}`] = proto[`getUTC${part}`]
  if (part !== 'Day') proto[`set${part}`] = proto[`setUTC${part}`]
}
const two = (n) => String(n).padStart(2, '0')
proto.getTimezoneOffset = () => 0
proto.toDateString = function () {
  const [day, date, month, year] = this.toUTCString().split(' ')
  return `${day.slice(0, 3)} ${month} ${date} ${year}`
}
proto.toTimeString = function () {
  return `${two(this.getHours())}:${two(this.getMinutes())}:${two(this.getSeconds())} GMT+0000 (Coordinated Universal Time)`
}
proto.toString = function () {
  return Number.isNaN(this.getTime()) ? 'Invalid Date' : `${this.toDateString()} ${this.toTimeString()}`
}
proto.toLocaleDateString = function () {
  return `${this.getMonth() + 1}/${this.getDate()}/${this.getFullYear()}`
}
proto.toLocaleTimeString = function () {
  const hours = this.getHours()
  return `${hours % 12 || 12}:${two(this.getMinutes())}:${two(this.getSeconds())} ${hours < 12 ? 'AM' : 'PM'}`
}
proto.toLocaleString = function () {
  return `${this.toLocaleDateString()}, ${this.toLocaleTimeString()}`
}
Object.defineProperty(globalThis, 'Date', { value: VirtualDate, writable: true, configurable: true })
Math.random = () => host.random()
Number.prototype.toLocaleString = function () {
  const [whole, fraction = ''] = String(Math.round(Number(this) * 1000) / 1000).split('.')
  return whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',') + (fraction && `.${fraction}`)
}
