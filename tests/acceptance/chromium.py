"""The system's Chromium, and what it is started without."""

from __future__ import annotations

import shutil

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FEATURES_OFF = (
    # For each window it would start a process more, for what comes down from its address bar: half a second of work.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    # And another, so that the next page is there sooner; hardly ever is there a next one.
    "SpareRendererForSitePerProcess",
    # These are Playwright's, of whose list nothing is left once there is a list of ours.
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    # They ask the vendor's hosts.
    "AimEnabled",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PreconnectToSearch",
)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(FEATURES_OFF)}",
)
