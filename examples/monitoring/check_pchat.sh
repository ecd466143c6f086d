#!/bin/sh
# check_pchat.sh FILE MINUTES: the plugin for Nagios, Icinga and Zabbix that reads what status.yml wrote (status_check).
# Prints its line and ends with its state; a file that is not there, or older than so many minutes, is UNKNOWN.
file=${1:?FILE is missing} minutes=${2:-30}
if [ ! -r "$file" ]; then
    echo "UNKNOWN - $file cannot be read; does status.yml run with -e status_check=$file?"
    exit 3
fi
if [ -n "$(find "$file" -mmin +"$minutes")" ]; then
    echo "UNKNOWN - $file is older than $minutes minutes; it said: $(cut -d'|' -f1 "$file")"
    exit 3
fi
cat "$file"
case $(cut -d' ' -f1 "$file") in
    OK) exit 0 ;;
    WARNING) exit 1 ;;
    CRITICAL) exit 2 ;;
    *) exit 3 ;;
esac
