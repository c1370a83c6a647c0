# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may differ between the contract (here) and the SDK (there), and why. A row that no longer differs has to go.

A sentence of a comparison that is not meant is a fault of the contract, which is then mended, or gets a row here.
"""

from __future__ import annotations

_ADDON = "/v1/projects/{projectId}/addons/{addonId}"
_LOG_PARAMETERS = (
    "restoreId containerName queryType startTime endTime duration lineLimit direction "
    "textIncludes textNotIncludes regexIncludes regexNotIncludes"
)
_SETTINGS = (
    "mysqlHaModeEnabled mysqlHaRouterEnabled mysqlRouterReplicas postgresqlConnectionPoolerEnabled "
    "postgresqlConnectionPoolerReplicas postgresqlEdbMode postgresqlImportMode postgresqlReadConnectionPoolerEnabled "
    "postgresqlReadConnectionPoolerReplicas postgresqlSupabaseMode postgresqlWalLevel redisMaxMemoryPolicy "
    "redisSentinelEnabled"
)
_MISSING_THERE = "optional here, missing there"
_MISSING_HERE = "missing here, optional there"


def _row(here: str, there: str, said: str) -> str:
    return f"{here} / {there}: {said}"


def _keys(here: str, there: str, said: str, keys: str) -> list[str]:
    return [_row(f"{here}.{key}", there, said) for key in keys.split()]


def _unknown_here(keys: str) -> str:
    return f"any object here; there {', '.join(f'{key} optional' for key in keys.split())}"


_ROWS: list[tuple[str, list[str]]] = [
    (
        "The SDK has no call for logs of backups and restores. The reference and the command line client have.",
        [
            "getAddonBackupLogs: only here",
            "getAddonRestoreLogs: only here",
            "LogLine: not compared with anything",
            *(f"{name}: not compared with anything" for name in _LOG_PARAMETERS.split()),
        ],
    ),
    (
        "Only the command line client asks this.",
        ["login: only here"],
    ),
    (
        "Nothing that this collection does needs these calls.",
        [
            "POST /v1/projects: only there",
            "PUT /v1/projects: only there",
            f"GET {_ADDON}/containers: only there",
            f"GET {_ADDON}/metrics: only there",
            f"POST {_ADDON}/network-settings: only there",
            f"POST {_ADDON}/scale: only there",
            f"POST {_ADDON}/secret-rotation: only there",
            f"POST {_ADDON}/secret-rotation/finalise: only there",
            f"POST {_ADDON}/security: only there",
        ],
    ),
    (
        # What stands there until then is an assumption: running_completed_at.
        "A backup that runs has not completed, whatever the sources require.",
        [
            _row(
                "BackupListItem.completedAt",
                "GetAddonBackupsResponseBackup",
                "required once status is completed here, required there",
            ),
            _row(
                "BackupListItem.completedAt",
                "GetAddonBackupsResponseBackup.completedAt",
                "type null, string here, string there",
            ),
            _row(
                "DestinationBackup.completedAt",
                "ListBackupDestinationsBackupsResponse",
                "optional here, required there",
            ),
            _row(
                "DestinationBackup.completedAt",
                "ListBackupDestinationsBackupsResponse.completedAt",
                "type null, string here, string there",
            ),
        ],
    ),
    (
        "The SDK makes it itself where an answer has only a cursor, which is an assumption: has_next_page.",
        [_row("Pagination.hasNextPage", "Pagination", "optional here, required there")],
    ),
    (
        "The reference says number. The SDK turns what comes into an integer.",
        [_row("Pagination.count", "Pagination.count", "type number here, integer there")],
    ),
    (
        "Neither the reference nor the other clients know it. It is an assumption: destination_usage.",
        [
            _row("Destination.usage", "AddBackupDestinationResponse", "optional here, required there"),
            _row("DestinationListItem.usage", "AddBackupDestinationRequest", "optional here, required there"),
        ],
    ),
    (
        # destination_list_id and destination_list_credentials
        "The SDK gives a listed destination the type of the body that makes one. What the list has is assumed.",
        [
            _row("DestinationListItem.id", "AddBackupDestinationRequest", _MISSING_THERE),
            _row("DestinationListItem.credentials", "AddBackupDestinationRequest", "optional here, required there"),
        ],
    ),
    (
        "It is a number in all types, and a text in the reference's example.",
        [
            _row(
                "DestinationBackup.expiredBy",
                "ListBackupDestinationsBackupsResponse.expiredBy",
                "type number, string here, number there",
            )
        ],
    ),
    (
        "The reference and the other clients say what is in it.",
        [
            _row(
                "AdditionalDestination",
                "GetAddonBackupsResponseBackupConfig.additionalDestinations[]",
                "any object there; here destinationId required, retentionTime optional, type required",
            ),
            *(
                _row(
                    "AddonTypeOptions",
                    f"GetAddonTypesResponseMajorAddonTypeResources.{key}",
                    "any object there; here default optional, options optional",
                )
                for key in ("replicas", "storage")
            ),
            _row(
                "BackupSource",
                "GetAddonBackupsResponseBackupConfig.source",
                "any object there; here type optional",
            ),
            _row(
                "NativeAddonConfig.deployment",
                "GetAddonResponseSpecDeploymentConfig.deployment",
                "any object there; here planId required, region required, replicas required, storageClass required, "
                "storageSize required",
            ),
            _row(
                "NativeAddonConfig.networking",
                "GetAddonResponseSpecDeploymentConfig.networking",
                "any object there; here externalAccessEnabled required, ipPolicies optional, "
                "ipPolicies[].action required, ipPolicies[].address required, tlsEnabled required",
            ),
        ],
    ),
    (
        "The reference names the two values.",
        [
            _row(
                "DiskAutoscaling.thresholdPercent",
                "CreateAddonResponseBillingBillingDiskAutoscaling.thresholdPercent",
                "values 75, 90 here, none there",
            )
        ],
    ),
    (
        "These are settings of one type of addon, or notes for Kubernetes, which are passed on as they are.",
        [
            *(
                _row(f"{here}.typeSpecificSettings", there, _unknown_here(_SETTINGS))
                for here, there in (
                    ("AddonPatch", "PatchAddonRequestBackupSchedulesTypeSpecificSettings"),
                    ("NativeAddonRequest", "CreateAddonResponseBillingTypeSpecificSettings"),
                    ("NativeAddonRequest", "PatchAddonRequestBackupSchedulesTypeSpecificSettings"),
                )
            ),
            *(
                _row(
                    f"{here}.metadata.annotations",
                    "CreateAddonResponseBillingMetadata.annotations",
                    "type any here, object there",
                )
                for here in ("AddonPatch", "NativeAddonRequest")
            ),
        ],
    ),
    (
        "The command line client and an example of the guide send it.",
        [
            _row("NativeAddonRequest.pitrEnabled", "CreateAddonRequestBilling", _MISSING_THERE),
            _row("NativeAddonRequest.pitrEnabled", "PutAddonRequestBilling", _MISSING_THERE),
        ],
    ),
    (
        "Custom addons and buckets are one alternative here, because the collection makes neither.",
        [
            _row("AddonRequest|2.region", "CreateAddonRequestTemplateValues", _MISSING_THERE),
            _row("AddonRequest|2.templateValues", "CreateAddonRequestRegion", _MISSING_THERE),
            _row(
                "AddonRequest|2.templateValues",
                "CreateAddonRequestTemplateValues.templateValues",
                "type any here, object there",
            ),
        ],
    ),
    (
        "Here is what a native addon takes, because only its backup schedules matter.",
        [
            _row("AddonPatch.templateValues", "PatchAddonRequestTemplateValues", _MISSING_HERE),
            *(
                line
                for there in ("PatchAddonRequestTemplateValues", "PatchAddonRequestManagedObject")
                for line in _keys(
                    "AddonPatch",
                    there,
                    _MISSING_THERE,
                    "backupSchedules billing externalAccessEnabled ipPolicies metadata tlsEnabled typeSpecificSettings "
                    "version vpcAccessible",
                )
            ),
        ],
    ),
    (
        "One schema stands for the answers about all three kinds of addons, without keys that say nothing of backups.",
        [
            *_keys("AddonDefinition", "CreateAddonResponseBilling", "optional here, required there", "billing version"),
            *_keys(
                "AddonDefinition",
                "CreateAddonResponseBilling",
                _MISSING_HERE,
                "customCredentials externalAccessEnabled infrastructure ipPolicies metadata stageId tlsEnabled "
                "typeSpecificSettings vpcAccessible",
            ),
            *_keys(
                "AddonDefinition.billing",
                "CreateAddonResponseBillingBilling",
                _MISSING_HERE,
                "diskAutoscaling storageClass zonalRedundancy",
            ),
            *_keys(
                "AddonDefinition",
                "CreateAddonResponseTemplateValues",
                _MISSING_HERE,
                "infrastructure stageId templateValues",
            ),
            *_keys("AddonDefinition", "CreateAddonResponseRegion", _MISSING_HERE, "infrastructure region stageId"),
            *(
                line
                for there in ("CreateAddonResponseTemplateValues", "CreateAddonResponseRegion")
                for line in _keys("AddonDefinition", there, _MISSING_THERE, "backupSchedules billing source version")
            ),
            _row(
                "AddonDefinition.source",
                "CreateAddonResponseBillingAddonIdSource",
                "any object here; there addonId required, backupId required, backupType optional, projectId optional",
            ),
            _row(
                "AddonDefinition.source",
                "CreateAddonResponseBillingBackupUidSource",
                "any object here; there backupUid required",
            ),
        ],
    ),
]

#: The reason for each sentence.
MEANT = {line: reason for reason, lines in _ROWS for line in lines}
