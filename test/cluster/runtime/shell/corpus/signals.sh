kill -l | head -12; kill -l 9 143 TERM 2>&1; trap 'echo t' SEGV; kill -SEGV $$; sh -c 'kill -ABRT $$'; echo $?; sh -c 'kill -9 $$'; echo $?
