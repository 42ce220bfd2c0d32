/** POSIX error codes with the C library's texts, as every program prints them. */
import { SystemError } from './process.js'

const texts = {
  EPERM: 'Operation not permitted',
  ENOENT: 'No such file or directory',
  ESRCH: 'No such process',
  EINTR: 'Interrupted system call',
  EIO: 'Input/output error',
  ENXIO: 'No such device or address',
  E2BIG: 'Argument list too long',
  ENOEXEC: 'Exec format error',
  EBADF: 'Bad file descriptor',
  ECHILD: 'No child processes',
  EAGAIN: 'Resource temporarily unavailable',
  ENOMEM: 'Cannot allocate memory',
  EACCES: 'Permission denied',
  EBUSY: 'Device or resource busy',
  EEXIST: 'File exists',
  EXDEV: 'Invalid cross-device link',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  EINVAL: 'Invalid argument',
  EMFILE: 'Too many open files',
  ENOTTY: 'Inappropriate ioctl for device',
  EFBIG: 'File too large',
  ENOSPC: 'No space left on device',
  EROFS: 'Read-only file system',
  EPIPE: 'Broken pipe',
  ENAMETOOLONG: 'File name too long',
  ENOTEMPTY: 'Directory not empty',
  ELOOP: 'Too many levels of symbolic links',
  ETIMEDOUT: 'Connection timed out',
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  EHOSTUNREACH: 'No route to host',
  ENETUNREACH: 'Network is unreachable',
  EADDRINUSE: 'Address already in use',
} as const

export type ErrorCode = keyof typeof texts

/**
 * A failed system call with the C library's text for `code`. It has no stack trace: programs fail at calls all the time
 * (a shell at each directory of its PATH), and a trace would be most of what the call costs.
 */
export function systemError(code: ErrorCode): SystemError {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  const error = new SystemError(code, texts[code])
  Error.stackTraceLimit = stackTraceLimit
  return error
}

/**
 * The text a program prints for a failed call: `No such file or directory`. Network errors have a POSIX code too and
 * get the same texts, as has what no memory is there for; anything else is told by its own message.
 */
export function errorText(error: unknown): string {
  if (error instanceof SystemError) return error.message
  const code = (error as { code?: unknown } | undefined)?.code
  if (typeof code === 'string' && Object.hasOwn(texts, code)) return texts[code as ErrorCode]
  // A text that is longer than there can be, or a call too deep.
  if (error instanceof RangeError) return texts.ENOMEM
  return error instanceof Error ? error.message : String(error)
}

/** Whether `error` is a failed call with this code. */
export function isErrorCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof SystemError && error.code === code
}
