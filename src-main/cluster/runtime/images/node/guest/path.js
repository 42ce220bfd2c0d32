// path, for POSIX.
function normalizeParts(path, absolute) {
  const parts = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (!absolute) parts.push('..')
  }
  return parts.join('/')
}
const path = {
  sep: '/',
  delimiter: ':',
  isAbsolute: (p) => p.startsWith('/'),
  normalize: (p) => {
    const absolute = p.startsWith('/')
    const text = normalizeParts(p, absolute)
    return (absolute ? '/' : '') + (text || (absolute ? '' : '.')) + (p.endsWith('/') && text ? '/' : '')
  },
  join: (...parts) => path.normalize(parts.filter(Boolean).join('/') || '.'),
  resolve: (...parts) => {
    let all = ''
    for (const part of [...parts].reverse()) {
      if (!part) continue
      all = all ? `${part}/${all}` : part
      if (part.startsWith('/')) break
    }
    if (!all.startsWith('/')) all = `${kernel.host.cwd()}/${all}`
    return `/${normalizeParts(all, true)}`
  },
  dirname: (p) => {
    const trimmed = p.replace(/(.)\/+$/, '$1')
    const at = trimmed.lastIndexOf('/')
    return at < 0 ? '.' : at === 0 ? '/' : trimmed.slice(0, at)
  },
  basename: (p, suffix = '') => {
    const name = p.replace(/\/+$/, '').split('/').at(-1)
    return suffix && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name
  },
  extname: (p) => {
    const name = path.basename(p)
    const at = name.lastIndexOf('.')
    return at <= 0 ? '' : name.slice(at)
  },
  relative: (from, to) => {
    const a = path.resolve(from).split('/').filter(Boolean)
    const b = path.resolve(to).split('/').filter(Boolean)
    let same = 0
    while (same < a.length && a[same] === b[same]) same++
    return [...a.slice(same).map(() => '..'), ...b.slice(same)].join('/')
  },
  parse: (p) => {
    const base = path.basename(p)
    const ext = path.extname(p)
    const dir = path.dirname(p)
    return {
      root: p.startsWith('/') ? '/' : '',
      dir: dir === '.' && !p.startsWith('.') ? '' : dir,
      base,
      ext,
      name: base.slice(0, base.length - ext.length),
    }
  },
  format: ({ dir, root = '', base, name = '', ext = '' }) => (dir ? `${dir}/` : root) + (base ?? name + ext),
}
path.posix = path
module.exports = path
