#!/bin/bash -e
# Installs the folder that script/offline made, as the user whose sound it is. What the service may
# shut off only a running system can tell, so the first start of the Pi installs it.

[ -f files/dist/install.sh ] || { echo "files/dist is missing: copy the folder of script/offline there."; exit 1; }
home="/home/${FIRST_USER_NAME}"
cp -r files/dist "${ROOTFS_DIR}${home}/dist"
cat >"${ROOTFS_DIR}${home}/first.sh" <<'STEPS'
set -eu
cd
sh dist/install.sh
units=.config/systemd/user
mkdir -p $units/default.target.wants
cat >$units/legsup-first.service <<'UNIT'
[Unit]
Description=Lets the guide start with the computer, and goes

[Service]
Type=oneshot
ExecStart=%h/.local/bin/legsup service install
ExecStartPost=rm %h/.config/systemd/user/default.target.wants/legsup-first.service %h/.config/systemd/user/legsup-first.service
UNIT
ln -sf ../legsup-first.service $units/default.target.wants/legsup-first.service
STEPS

on_chroot <<CHROOT
su "${FIRST_USER_NAME}" -c "sh ${home}/first.sh"
rm -r "${home}/dist" "${home}/first.sh"
mkdir -p /var/lib/systemd/linger
touch "/var/lib/systemd/linger/${FIRST_USER_NAME}"
CHROOT
