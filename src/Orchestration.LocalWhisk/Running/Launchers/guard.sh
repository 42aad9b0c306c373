# Kills the action processes that are left when the server is gone, however it went: its end closes our stdin.
# Lines on stdin: "+ PID" for a process group that began, "- PID" for one that ended.
trap '' HUP INT TERM
groups=' '
while read -r change pid; do
    case $change in
        +) groups="$groups$pid " ;;
        -) case $groups in
               *" $pid "*) groups="${groups%% "$pid" *} ${groups#* "$pid" }" ;;
           esac ;;
    esac
done
for pid in $groups; do
    kill -9 "-$pid" 2>/dev/null || kill -9 "$pid" 2>/dev/null
done
