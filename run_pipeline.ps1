<#
.SYNOPSIS
Runs the whole pipeline: checks, training, checks, prediction, checks.

.DESCRIPTION
Calls "taxi-fare pipeline" in the project's root, wherever it is called from:
relative paths are those of the project. A parameter that is not given keeps
the default of the command. The exit code is that of the command: 0 done,
2 wrong usage, 3 data missing, 4 data refused, 5 model or predictions refused,
6 registry locked, 7 something is not installed or the store cannot be used, 1 anything else.

.PARAMETER TestMonth
Test month, for example 2023-06. Default: the current month.

.PARAMETER TrainMonths
Training months, for example 2023-03,2023-04,2023-05. Default: the three
months before the test month.

.PARAMETER SkipMissing
Go on with the months that are there when some are missing. At least two
training months and the test month are needed.

.PARAMETER Legacy
Train and predict as before the sliding window: 2023-01 and 2023-02.

.PARAMETER SkipTests
Skip the checks. Not recommended.

.PARAMETER TrainOnly
Only the training phase.

.PARAMETER PredictOnly
Only the prediction phase.

.PARAMETER Force
Train again even when there is a model of the same months.

.PARAMETER RegistryPath
Folder of the model registry. Default: models/registry.

.PARAMETER Help
Show this help.

.EXAMPLE
.\run_pipeline.ps1

The whole pipeline on the current month.

.EXAMPLE
.\run_pipeline.ps1 -TestMonth "2023-05" -SkipMissing

Goes on when a training month is missing.

.EXAMPLE
.\run_pipeline.ps1 -TestMonth 2023-06 -TrainMonths 2023-04,2023-05 -TrainOnly

Trains on the months that are given, and does not predict.

.EXAMPLE
.\run_pipeline.ps1 -Legacy

The legacy mode.
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [string] $TestMonth,
    [string[]] $TrainMonths,
    [switch] $SkipMissing,
    [switch] $Legacy,
    [switch] $SkipTests,
    [switch] $TrainOnly,
    [switch] $PredictOnly,
    [switch] $Force,
    [string] $RegistryPath,
    [switch] $Help
)

$ErrorActionPreference = 'Stop'
if ($Help) { Get-Help $PSCommandPath -Detailed; exit 0 }
. (Join-Path $PSScriptRoot 'scripts/taxi_fare.ps1')

$options = [ordered]@{
    TestMonth    = '--test-month'
    TrainMonths  = '--train-months'
    SkipMissing  = '--skip-missing'
    Legacy       = '--legacy'
    SkipTests    = '--skip-tests'
    TrainOnly    = '--train-only'
    PredictOnly  = '--predict-only'
    Force        = '--force'
    RegistryPath = '--registry-path'
}
Invoke-TaxiFare @('pipeline') $options $PSBoundParameters
exit $LASTEXITCODE
