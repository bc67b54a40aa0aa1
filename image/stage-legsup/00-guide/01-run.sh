#!/bin/bash -e
# Installs the folder that script/offline made, as the user whose sound it is, and lets the guide
# start with the Pi. There is no systemd here to ask: what "legsup service install" does is done by hand.

[ -f files/dist/install.sh ] || { echo "files/dist is missing: copy the folder of script/offline there."; exit 1; }
home="/home/${FIRST_USER_NAME}"
cp -r files/dist "${ROOTFS_DIR}${home}/dist"
cat >"${ROOTFS_DIR}${home}/first.sh" <<'STEPS'
set -eu
cd
sh dist/install.sh
mkdir -p -m 700 .local/share/legsup_voice .cache/legsup_voice
mkdir -p .config/systemd/user/default.target.wants
.local/bin/legsup service install --print-unit >.config/systemd/user/legsup.service
ln -sf ../legsup.service .config/systemd/user/default.target.wants/legsup.service
STEPS

on_chroot <<CHROOT
su "${FIRST_USER_NAME}" -c "sh ${home}/first.sh"
rm -r "${home}/dist" "${home}/first.sh"
mkdir -p /var/lib/systemd/linger
touch "/var/lib/systemd/linger/${FIRST_USER_NAME}"
CHROOT
