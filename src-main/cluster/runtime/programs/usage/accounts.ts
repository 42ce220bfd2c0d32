/** What busybox says of the use of its applets for users and groups, by name, after `Usage: NAME `. */
export const accountsUsage: Readonly<Record<string, string>> = {
  su: `[-lmp] [-s SH] [-] [USER [FILE ARGS | -c 'CMD' [ARG0 ARGS]]]

Run shell under USER (by default, root)

	-,-l	Clear environment, go to home dir, run shell as login shell
	-p,-m	Don't set new $HOME, $SHELL, $USER, $LOGNAME
	-c CMD	Command to pass to 'sh -c'
	-s SH	Shell to use instead of user's default`,
  login: `[-p] [-h HOST] [[-f] USER]

Begin a new session on the system

	-f	Don't authenticate (user already authenticated)
	-h HOST	Host user came from (for network logins)
	-p	Preserve environment

$LOGIN_TIMEOUT		Seconds (default 60, 0 - disable)`,
  passwd: `[-a ALG] [-dlu] [USER]

Change USER's password (default: current user)

	-a ALG	md5,des,sha256,sha512 (default sha512)
	-d	Set password to ''
	-l	Lock (disable) account
	-u	Unlock (enable) account`,
  adduser: `[OPTIONS] USER [GROUP]

Create new user, or add USER to GROUP

	-h DIR		Home directory
	-g GECOS	GECOS field
	-s SHELL	Login shell
	-G GRP		Group
	-S		Create a system user
	-D		Don't assign a password
	-H		Don't create home directory
	-u UID		User id
	-k SKEL		Skeleton directory (/etc/skel)`,
  addgroup: `[-g GID] [-S] [USER] GROUP

Add a group or add a user to a group

	-g GID	Group id
	-S	Create a system group`,
  deluser: `[--remove-home] USER

Delete USER from the system

	--remove-home	Remove home directory and mail spool`,
  delgroup: `[USER] GROUP

Delete group GROUP from the system or user USER from group GROUP`,
  chpasswd: `[--md5|--encrypted|--crypt-method|--root]

Read user:password from stdin and update /etc/passwd

	-e,--encrypted		Supplied passwords are in encrypted form
	-m,--md5		Encrypt using md5, not des
	-c,--crypt-method ALG	md5,des,sha256,sha512 (default sha512)
	-R,--root DIR		Directory to chroot into`,
  who: `[-aH]

Show who is logged on

	-a	Show all
	-H	Print column headers`,
  w: `

Show who is logged on`,
  last: `

Show listing of the last users that logged into the system`,
  nologin: `

Politely refuse a login`,
  mkpasswd: `[-P FD] [-m TYPE] [-S SALT] [PASSWORD] [SALT]

Print crypt(3) hashed PASSWORD

	-P N	Read password from fd N
	-m TYPE	des,md5,sha256/512 (default )
	-S SALT`,
}
